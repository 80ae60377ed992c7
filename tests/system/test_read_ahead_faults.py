"""What was to be read ahead when workers die or stand still, clients leave,
requests are not whole, or the database fails."""
import contextlib
import os
import random
import signal
import socket
import threading
import time
import unittest

from ahead_support import LIST, READ_AHEAD, AheadTest, answers, counts, \
    facts, send_all, stopped, wait_until
from ctl_support import IS_MYSQL
from database_proxy import FAULTS, Proxy
from fastcgi import read_answer
from test_kept import is_closed

SHOW = LIST + "/%d"
HELD = "/api/v1/connection-pools/1"
BUSY = "/api/v1/certificates"
N = 12
# These wait until the limit.
SLOW = ("slow drip", "black hole", "half-open", "unreachable", "garbage")


class Workers(AheadTest):
    """One worker has looked at requests, for which it waits in a statement.
    Then the other one has time."""

    def setUp(self):
        super().setUp()
        self.some_keys = self.add_keys(1, N)
        self.pool_ = self.pool(api__workers="2", pool__restart_backoff="1ms",
                               pool__queue_timeout="30s",
                               database__request_limit="15s")
        self.requests = [self.with_key(key, SHOW % id) for key, id in zip(
            self.some_keys, self.ids(1) * 3)]
        self.requests[0] = self.with_key(self.some_keys[0], HELD)
        pids = self.pool_.serving()
        self.socks = self.kept(self.pool_, N)
        for pid in pids:
            with stopped(self.pool_, [one for one in pids if one != pid]):
                for sock, data in zip(self.socks, self.requests):
                    sock.sendall(data)
                    self.assertEqual(read_answer(sock).status, 200)
        # The answer to it is not kept.
        self.requests[0] = self.with_key(self.some_keys[0], HELD + "?fields=id")

    def blocked(self, words):
        """Statements with these words that wait for a lock."""
        return self.server.sql(
            "SELECT info FROM information_schema.processlist WHERE db = '%s' "
            "AND state LIKE 'Waiting for table%%' AND info LIKE '%%%s%%'" % (
                self.database, words))

    @contextlib.contextmanager
    def looked(self):
        """Yields the worker that has looked, once the other one goes on."""
        with contextlib.ExitStack() as held:
            held.enter_context(self.locked("connection_pools"))
            with self.locked("certificates"):
                other = held.enter_context(self.pool_.connect())
                other.sendall(self.with_key(self.some_keys[1], BUSY))
                self.wait_for_blocked(1)
                looks = self.idle()
                with stopped(self.pool_, [looks]):
                    send_all(self.socks, self.requests)
                self.assertTrue(wait_until(lambda: self.blocked("UNION ALL")))
            yield looks

    def idle(self):
        """The worker that sleeps, of two."""
        return wait_until(lambda: next(
            (worker["pid"] for worker in self.pool_.lane("api")
             if worker["state"] == "idle"), None))

    def check_others(self):
        """All are answered but for that which is held."""
        got = answers(self.socks[1:], N - 1)
        self.check_same(got, self.requests[1:])

    def check_fresh(self):
        """What was read of the requests before is nobody's."""
        self.sql("UPDATE connectors SET name = 'later'")
        self.touch()
        again = self.requests[1:]
        got = self.together(self.pool_, self.socks[1:], again)
        self.check_same(got, again)
        self.assertEqual({answer.json()["data"]["name"] for answer in got},
                         {"later"})

    def test_others_serve_what_a_slow_one_looked_at(self):
        with self.looked():
            self.check_others()
            if not IS_MYSQL:  # it locks what refers to a locked table, too
                self.check_fresh()
        self.assertEqual(read_answer(self.socks[0]).status, 200)
        self.check_fresh()

    def test_others_serve_what_a_stopped_one_looked_at(self):
        with self.looked() as pid:
            with stopped(self.pool_, [pid]):
                self.check_others()
        self.assertEqual(read_answer(self.socks[0]).status, 200)
        self.check_fresh()

    def test_others_serve_what_a_killed_one_looked_at(self):
        with self.looked() as pid:
            os.kill(pid, signal.SIGKILL)
            self.check_others()
        self.assertIsNone(read_answer(self.socks[0]))
        self.check_fresh()

    def test_waiting_for_others_takes_no_time_of_the_processor(self):
        with self.looked() as pid, stopped(self.pool_, [pid]):
            self.check_others()
            other, = {*self.pool_.serving()} - {pid}
            before = used(other)
            time.sleep(1)
            self.assertLess(used(other) - before, 0.3)


def used(pid):
    """Seconds of the processor."""
    with open("/proc/%d/stat" % pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Neighbours(AheadTest):
    """One table is locked; who does not need it does not wait for it."""

    def setUp(self):
        super().setUp()
        self.some_keys = self.add_keys(1, N)

    def check_neighbours(self, table, waiting, other, **settings):
        pool = self.pool(database__request_limit="1s",
                         pool__queue_timeout="30s", **settings)
        requests = [self.with_key(key, other) for key in self.some_keys]
        known = [self.with_key(key, waiting) for key in self.some_keys]
        socks = self.kept(pool, N, known + requests)
        for number in (2, 5, 9):
            requests[number] = self.with_key(self.some_keys[number],
                                             waiting + "?fields=id")
        counts(pool, READ_AHEAD)
        before = len(pool.served())
        with self.locked(table):
            got = self.together(pool, socks, requests)
        lines = pool.wait_for(lambda: self.new_lines(pool, before, N), "lines")
        self.assertEqual([number for number, answer in enumerate(got)
                          if answer.status != 200], [2, 5, 9])
        slow = [line["status"] for line in lines if line["duration_ms"] > 800]
        self.assertEqual(slow, [503] * 3)

    def test_rows_of_another_resource(self):
        self.check_neighbours("connection_pools", HELD, SHOW % self.ids(1)[0])
        self.check_neighbours("certificates", BUSY + "/1", LIST)

    def test_rows_when_answers_are_kept(self):
        self.check_neighbours("connectors", SHOW % self.ids(1)[0],
                              SHOW % self.ids(1)[1])

    def test_rows_beside_lists(self):
        self.check_neighbours("connection_pools", HELD, BUSY,
                              cache__answers="0")


class Clients(AheadTest):
    def setUp(self):
        super().setUp()
        self.some_keys = self.add_keys(1, N)
        self.requests = [self.with_key(key, SHOW % id) for key, id in zip(
            self.some_keys, self.ids(1) * 3)]
        self.pool_ = self.pool(cache__answers="0")
        self.socks = self.kept(self.pool_, N, self.requests)

    def check_rest(self, changed, then=lambda sock: None):
        """Of those that are not sent as they are nothing is checked here."""
        with stopped(self.pool_):
            for number, sock in enumerate(self.socks):
                data = changed.get(number, self.requests[number])
                if data is not None:
                    sock.sendall(data)
            for number in changed:
                then(self.socks[number])
        rest = [n for n in range(N) if n not in changed]
        self.check_same([read_answer(self.socks[n]) for n in rest],
                        [self.requests[n] for n in rest])

    def same(self, numbers):
        return {number: self.requests[number] for number in numbers}

    def test_clients_leave(self):
        self.check_rest(self.same((1, 4, 5, 11)), socket.socket.close)
        self.check_again((0, 2, 3, 6, 7, 8, 9, 10))

    def test_clients_leave_without_a_word(self):
        self.check_rest(dict.fromkeys((0, 3, 6)), socket.socket.close)

    def test_clients_say_no_more(self):
        """But wait for the answer."""
        gone = self.same((2, 7))
        self.check_rest(gone, lambda sock: sock.shutdown(socket.SHUT_WR))
        self.check_same([read_answer(self.socks[n]) for n in gone],
                        gone.values())

    def check_again(self, numbers):
        for number in numbers:
            self.socks[number].sendall(self.requests[number])
            self.assertEqual(read_answer(self.socks[number]).status, 200)

    def test_requests_that_are_not_whole(self):
        halves = {n: self.requests[n][:cut] for n, cut in
                  ((1, 1), (4, 15), (6, 60), (9, len(self.requests[9]) - 1))}
        self.check_rest(halves)
        for number, sent in halves.items():
            self.socks[number].sendall(self.requests[number][len(sent):])
        self.check_same([read_answer(self.socks[n]) for n in halves],
                        [self.requests[n] for n in halves])

    def test_more_than_a_request(self):
        more = {n: self.requests[n] + self.requests[0] for n in (2, 8)}
        self.check_rest(more)
        for number in more:
            self.assertEqual(read_answer(self.socks[number]).status, 200)
            self.assertTrue(is_closed(self.socks[number], 5))

    def test_requests_that_are_none(self):
        broken = {3: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 9, 5: b"\0" * 400,
                  7: b"\1" * 400, 8: os.urandom(4000),
                  10: self.requests[10].replace(b"\x01\x04", b"\x01\xff", 1)}
        self.check_rest(broken)
        for number in (3, 5, 7):
            self.assertTrue(is_closed(self.socks[number], 10))

    def test_broken_parameters(self):
        """Any byte of a request may be another; the rest is served well."""
        chance = random.Random(3)
        for _ in range(15):
            number = chance.randrange(N)
            data = bytearray(self.requests[number])
            data[chance.randrange(len(data))] = chance.randrange(256)
            self.check_rest({number: bytes(data)},
                            lambda sock: sock.shutdown(socket.SHUT_WR))
            self.socks[number].close()
            self.socks[number] = self.kept(self.pool_, 1,
                                           self.requests[number:][:1])[0]

    def test_large_parameters(self):
        for size in (1000, 8000, 30000, 60000):
            large = {n: self.with_key(self.some_keys[n], SHOW % self.ids(1)[0],
                                      HTTP_X_MORE="x" * size)
                     for n in (1, 2, 9)}
            self.check_rest(large)
            self.check_same([read_answer(self.socks[n]) for n in large],
                            large.values())

    def test_long_queries(self):
        for size in (1000, 8000, 30000):
            long = {n: self.with_key(
                self.some_keys[n], LIST + "?search=" + "x" * size)
                for n in (1, 2, 9)}
            self.check_rest(long)
            for number, data in long.items():
                self.check_same([read_answer(self.socks[number])], [data])

    def test_large_bodies_among_them(self):
        large = {n: self.with_key(
            self.some_keys[n], LIST, "POST", b"[" * 40000) for n in (4, 6)}
        threads = []
        with stopped(self.pool_):
            for number, sock in enumerate(self.socks):
                threads.append(threading.Thread(target=sock.sendall, args=(
                    large.get(number, self.requests[number]),)))
                threads[-1].start()
        got = answers(self.socks, N)
        for thread in threads:
            thread.join()
        self.check_same([answer for n, answer in enumerate(got)
                         if n not in large],
                        [data for n, data in enumerate(self.requests)
                         if n not in large])
        self.assertEqual({got[n].status for n in large}, {400})


class Database(AheadTest):
    def setUp(self):
        super().setUp()
        self.some_keys = self.add_keys(1, 5) + self.add_keys(2, 5)
        self.proxy = self.enterContext(
            Proxy(self.server.socket, self.folder))
        self.pool_ = self.pool(database__socket=self.proxy.socket,
                               cache__answers="0",
                               database__request_limit="1s")
        own = {company: self.ids(company) for company in (1, 2)}
        self.requests = [self.with_key(key, SHOW % own[1 + (n >= 5)][n % 5])
                         for n, key in enumerate(self.some_keys)]
        self.requests[3] = self.with_key(self.some_keys[3])
        self.wanted = [facts(self.alone.send(data)) for data in self.requests]

    def check_fault(self, fault, at):
        socks = self.kept(self.pool_, len(self.requests), self.requests)
        with stopped(self.pool_):
            send_all(socks, self.requests)
            self.proxy.arm(fault, at)
        got = answers(socks, len(socks))
        for number, answer in enumerate(got):
            self.assertIsNotNone(answer, (fault, at, number))
            if answer.status != 503:
                self.assertEqual(facts(answer), self.wanted[number])
        self.proxy.heal()
        self.proxy.arm()
        self.assertTrue(wait_until(lambda: self.all_are_well(socks)))
        for sock in socks:
            sock.close()
        return sum(answer.status == 503 for answer in got)

    def all_are_well(self, socks):
        got = self.together(self.pool_, socks, self.requests)
        self.assertNotIn(None, got)
        return [*map(facts, got)] == self.wanted

    def test_statements_that_fail(self):
        for fault in FAULTS:
            for at in (2,) if fault in SLOW else (1, 2, 3):
                with self.subTest(fault=fault, at=at):
                    self.check_fault(fault, at)
        self.assertGreater(counts(self.pool_, READ_AHEAD)[0], 40)

    def test_errors_of_the_server(self):
        for number in (1205, 1213, 1317, 3024, 1969, 2013, 1040):
            for at in (1, 2):
                with self.subTest(number=number, at=at):
                    self.check_fault(number, at)

    def test_a_connection_that_ends_costs_no_answer(self):
        """What is asked is asked again."""
        self.assertEqual(self.check_fault("reset", 2), 0)


if __name__ == "__main__":
    unittest.main()
