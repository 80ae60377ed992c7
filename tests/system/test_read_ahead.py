"""While requests wait, one statement reads what several of them need first."""
import pathlib
import struct
import threading
import unittest

from ahead_support import LIST, READ_AHEAD, AheadTest, answers, counts, \
    send_all, stopped
from fastcgi import BEGIN, PARAMS, STDIN, pair, read_answer, record, stream

SHOW = LIST + "/%d"
MANY = 9  # requests of one worker: the first is served, eight wait


class Shared(AheadTest):
    def setUp(self):
        super().setUp()
        self.keys_1 = self.add_keys(1, MANY)
        self.all_ids = self.ids(1)

    def shows(self, keys=None, **more):
        return [self.with_key(key, SHOW % id, **more)
                for key, id in zip(keys or self.keys_1,
                                   self.all_ids * 3)]

    def check(self, requests, statements, pool=None, status=200,
              ahead=MANY - 2, later=0):
        """later: how many may be read by themselves, since the machine was too
        busy for the worker to keep them to itself for so long."""
        pool = pool or self.pool(cache__answers="0")
        socks = self.kept(pool, len(requests), requests)
        got, done, found = self.costs(pool, socks, requests)
        self.assertEqual({answer.status for answer in got}, {status})
        self.check_same(got, requests)
        self.assertIn((done, found), [(statements + n, ahead - n)
                                      for n in range(1 + later)])
        return pool

    def test_rows_come_with_their_keys(self):
        self.check(self.shows(), 2)

    def test_rows_of_one_key(self):
        self.check(self.shows(self.keys_1[:1] * MANY), 2)

    def test_numbers_come_with_their_keys(self):
        """A list reads its page by itself."""
        self.check([self.with_key(key, LIST + "?per_page=2")
                    for key in self.keys_1], 2 + MANY)

    def test_rows_and_numbers_share_a_statement(self):
        requests = self.shows()
        for number in (2, 5):
            requests[number] = self.with_key(self.keys_1[number])
        self.check(requests, 2 + 2)

    def test_answers_that_are_kept_need_keys_only(self):
        requests = self.shows()
        requests[3] = self.with_key(self.keys_1[3])
        pool = self.pool()
        socks = self.kept(pool, MANY, requests)
        got, done, found = self.costs(pool, socks, requests)
        self.check_same(got, requests)
        self.assertEqual((done, found), (2, MANY - 2))

    def test_what_the_client_has_is_not_sent(self):
        pool = self.pool()
        first = self.kept(pool, 1)[0]
        requests = []
        for data, key, id in zip(self.shows(), self.keys_1, self.all_ids * 3):
            first.sendall(data)
            requests.append(self.with_key(
                key, SHOW % id,
                HTTP_IF_NONE_MATCH=read_answer(first).headers["etag"]))
        self.check(requests, 2, pool, 304)

    def test_two_workers_share_what_waits(self):
        pool = self.pool(cache__answers="0", api__workers="2")
        requests = self.shows(self.keys_1 * 3)[:20] * 2
        socks = self.kept(pool, 40, requests * 4)
        # Asleep they would be woken by each request; now both are busy.
        with self.locked("api_keys"):
            send_all(socks, requests[:4])
            self.wait_for_blocked(2)
            before = counts(pool, READ_AHEAD)[0]
            send_all(socks[4:], requests[4:])
        got = answers(socks, 40)
        self.check_same(got, requests)
        self.assertGreater(counts(pool, READ_AHEAD)[0] - before, 10)

    def test_switched_off(self):
        pool = self.pool(cache__answers="0", limits__keys_together="1")
        self.check(self.shows(), MANY, pool, ahead=0)

    def test_not_more_than_said(self):
        pool = self.pool(cache__answers="0", limits__keys_together="4")
        self.check(self.shows(), 3, pool, ahead=6)

    def test_what_is_read_is_for_one_resource(self):
        """Requests for others are read together, too, after those."""
        requests = self.shows()
        for number in (4, 7):
            requests[number] = self.with_key(self.keys_1[number],
                                             "/api/v1/systems/1")
        self.check(requests, 3, ahead=MANY - 3, later=1)

    def test_added_up_where_nodes_write(self):
        self.sql("UPDATE data_versions SET one_node = 0;"
                 "INSERT INTO data_versions (company_id, node, version) "
                 "VALUES (0, 2, 5), (1, 2, 7)")
        self.check(self.shows(), 2)

    def test_other_nodes_may_join_while_requests_wait(self):
        pool = self.pool()
        requests = self.shows()
        socks = self.kept(pool, MANY, requests)
        with stopped(pool):
            send_all(socks, requests)
            self.sql("UPDATE data_versions SET one_node = 0;"
                     "INSERT INTO data_versions (company_id, node, version) "
                     "VALUES (0, 2, 5), (1, 2, 7);"
                     "UPDATE connectors SET name = 'Of node 2'")
        got = answers(socks, MANY)
        self.check_same(got, requests)
        self.assertEqual({answer.json()["data"]["name"] for answer in got},
                         {"Of node 2"})


class Fresh(AheadTest):
    def test_what_was_written_before_is_in_each_answer(self):
        keys = self.add_keys(1, MANY)
        ids = (self.ids(1) * 2)[:MANY]
        pool = self.pool()
        requests = [self.with_key(key, SHOW % id)
                    for key, id in zip(keys, ids)]
        requests[4] = self.with_key(keys[4])
        socks = self.kept(pool, MANY, requests)
        for step in range(5):
            with stopped(pool):
                for id in set(ids):
                    self.update(self.alone, id, {"name": "%d of %d" % (
                        step, id)})
                send_all(socks, requests)
            got = answers(socks, MANY)
            self.check_same(got, requests, step)

    def test_keys_that_are_refused_since(self):
        keys = self.add_keys(1, MANY)
        pool = self.pool()
        requests = [self.with_key(key, SHOW % self.ids(1)[0]) for key in keys]
        socks = self.kept(pool, MANY, requests)
        for column, status in (("expires_at = '2020-01-01'", 401),
                               ("expires_at = NULL", 200),
                               ("can_read = 0", 403), ("can_read = 1", 200),
                               ("revoked_at = '2020-01-01'", 401)):
            with stopped(pool):
                self.sql("UPDATE api_keys SET %s WHERE name = 'K'" % column)
                send_all(socks, requests)
            got = answers(socks, MANY)
            self.assertEqual({answer.status for answer in got}, {status})
        with stopped(pool):
            self.sql("DELETE FROM api_keys WHERE name = 'K'")
            send_all(socks, requests)
        self.assertEqual({answer.status for answer in answers(socks, MANY)},
                         {401})

    def test_each_client_reads_what_it_wrote(self):
        for workers in ("2", "4"):
            with self.subTest(workers=workers):
                self.check_own_writes(self.pool(api__workers=workers))

    def check_own_writes(self, pool):
        self.sql("UPDATE connectors SET name = 'none'")
        ids, wrong = self.ids(1), []
        keys = self.add_keys(1, 12)
        socks = self.kept(pool, 12, [self.with_key(key) for key in keys])
        threads = [threading.Thread(target=self.write_and_read, args=(
            socks[n], keys[n], ids[n % len(ids)], n, n < len(ids), wrong))
            for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(wrong, [])
        self.assertGreater(counts(pool, READ_AHEAD)[0], 0)

    def write_and_read(self, sock, key, id, n, writes, wrong):
        """Those that do not write see that versions only rise."""
        last = -1
        for step in range(60):
            if writes:
                sock.sendall(self.with_key(
                    key, SHOW % id, "PUT", b'{"name": "%d"}' % step))
                if read_answer(sock).status != 200:
                    wrong.append("write")
            for path in (SHOW % id, LIST + "?per_page=100", SHOW % id):
                sock.sendall(self.with_key(key, path))
                data = read_answer(sock).json()["data"]
                row = next(row for row in ([data] if type(data) is dict
                                           else data) if row["id"] == id)
                name = int(row["name"]) if row["name"].isdigit() else -1
                if name < last or writes and name != step:
                    wrong.append((n, step, path, name))
                last = name


def memory(pid):
    """What a process can write, bit by bit."""
    with open("/proc/%d/maps" % pid) as maps, \
            open("/proc/%d/mem" % pid, "rb", 0) as file:
        for line in maps:
            where, may, *_ = line.split()
            first, last = (int(number, 16) for number in where.split("-"))
            if may.startswith("rw") and last - first < 1 << 28:
                file.seek(first)
                yield file.read(last - first)


class Secrets(AheadTest):
    def found(self, pid, texts):
        return {text for part in memory(pid) for text in texts
                if text.encode() in part}

    def test_keys_of_requests_that_waited_are_not_kept(self):
        keys, last = self.add_keys(1, MANY), self.add_keys(1, 1)
        for settings in ({}, {"cache__answers": "0"}):
            pool = self.pool(**settings)
            if "libasan" in pathlib.Path(
                    "/proc/%d/maps" % pool.process.pid).read_text():
                self.skipTest("a sanitizer keeps what is given back")
            # They are too long for others to be written over them.
            requests = [self.with_key(key, SHOW % id + "?a=" + "b" * 2000)
                        for key, id in zip(keys, self.ids(1) * 3)]
            socks = self.kept(pool, MANY, requests + [self.with_key(*last)])
            for data in (requests, requests[::-1]):
                self.together(pool, socks, data)
            self.assertGreater(counts(pool, READ_AHEAD)[0], MANY)
            # The library has the last one until the next is as long.
            self.together(pool, socks, [self.with_key(*last)])
            self.assertLessEqual(len(self.found(pool.serving()[0], keys)), 1)


def renamed(key, shown, hidden):
    """A request whose path, with what a name with an equals sign makes of it
    for the library, is another than the one that is told first."""
    values = {"REQUEST_METHOD": "GET", "REQUEST_URI": shown,
              "HTTP_AUTHORIZATION": key, "REQUEST_SCHEME": "http",
              "HTTP_HOST": "localhost", "REMOTE_ADDR": "192.0.2.1"}
    pairs = b"".join(pair(*one) for one in values.items())
    name, _, value = hidden.rpartition("=")
    pairs += pair("REQUEST_URI=" + name, value) + pair("CONNECTORS_END", "1")
    return record(BEGIN, struct.pack("!HB5x", 1, 1)) + stream(
        PARAMS, pairs) + stream(STDIN, b"")


class Renamed(AheadTest):
    def test_what_was_read_of_another_query_is_not_used(self):
        key, = self.add_keys(1, 1)
        id = self.ids(1)[0]
        pool = self.pool(cache__answers="0")
        for shown, hidden in (
                (LIST, LIST + "?search=N1"),
                (LIST, LIST + "?filter[system]=999"),
                (SHOW % id, SHOW % id + "?filter[system]=999"),
                (SHOW % id, SHOW % self.ids(1)[1] + "?fields=id"),
                (SHOW % id, SHOW % id + "?include=variables_count"),
                (SHOW % id, SHOW % id + "?filter[system]=1&include="
                 "variables_count,variablesExists,certificate_count")):
            requests = [self.with_key(key, shown)] + [
                renamed(key, shown, hidden) for _ in range(MANY - 1)]
            socks = self.kept(pool, MANY, requests)
            got = self.together(pool, socks, requests)
            self.check_same(got, requests, hidden)


if __name__ == "__main__":
    unittest.main()
