"""Tests that may be given a new refresh token take turns; the wait for one's
turn is part of the time that a test may take."""
import threading
import time
import unittest

from far_side import REFRESHING, FarSide, Tested, variable

IMPLEMENTATION = ("authentication_implementation", 10)
TOTAL = 4
SLACK = 1.3  # of a busy machine
BETWEEN = 0.5  # seconds from one request to the next


class Turns(Tested):
    def started(self, answer, **settings):
        self.far = self.enterContext(FarSide(answer))
        pool = self.start(self.far, [
            variable(number, None, key, "x", *IMPLEMENTATION)
            for number, key in enumerate(
                ("client_id", "client_secret", "refresh_token"), 601)],
            api__workers="4", test__per_company="4",
            **{"test__total_timeout": "%ds" % TOTAL,
               "test__connect_timeout": "1s", **settings})
        self.sql("UPDATE authentication_types SET `key` = '%s';"
                 "UPDATE authentication_implementations SET headers = '{}'"
                 % REFRESHING)
        return pool

    def at_once(self, pool, number):
        """(seconds, status, reason) of each, the fastest first."""
        found = []

        def ask(after):
            time.sleep(after)
            begun = time.monotonic()
            answer = pool.send(self.request("/api/v1/connectors/100/test",
                                            "POST"), timeout=60)
            reason = answer.json()["test"]["reason"] \
                if answer.status == 422 else None
            found.append((time.monotonic() - begun, answer.status, reason))
            if answer.status == 429:
                self.assertTrue(answer.headers["retry-after"])

        threads = [threading.Thread(target=ask, args=(i * BETWEEN,))
                   for i in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(found)

    def check_silent(self, number, **settings):
        """Of a far side that never answers: nobody waits longer than a test
        may take, and whose turn does not come in time is told so."""
        silent = threading.Event()
        self.addCleanup(silent.set)
        pool = self.started(lambda *_: silent.wait(60), **settings)
        found = self.at_once(pool, number)
        for seconds, status, _ in found:
            self.assertLess(seconds, TOTAL + SLACK, found)
        self.assertLessEqual({one[1:] for one in found},
                             {(422, "timeout"), (429, None)})
        self.assertIn((422, "timeout"), [one[1:] for one in found])
        self.assertEqual(self.sql("SELECT COUNT(*) FROM connector_tests "
                                  "WHERE ok IS NULL"), [("0",)])

    def test_two_of_a_far_side_that_never_answers(self):
        self.check_silent(2)

    def test_four_of_a_far_side_that_never_answers(self):
        self.check_silent(4)

    def test_a_connection_may_take_as_long_as_a_test(self):
        self.check_silent(2, test__connect_timeout="%ds" % TOTAL)

    def test_whose_turn_comes_in_time_is_tested(self):
        pool = self.started(lambda *_: time.sleep(0.4) or {
            "access_token": "t", "refresh_token": "x"})
        found = self.at_once(pool, 2)
        self.assertEqual([one[1:] for one in found], [(200, None)] * 2)

    def test_what_is_left_of_the_time_is_all_there_is(self):
        """The first takes some of it, the second would take for ever."""
        silent = threading.Event()
        self.addCleanup(silent.set)

        def answer(path, _):
            if path != "/token":
                return {}
            if len(self.far.requests) > 2:
                silent.wait(60)
            time.sleep(2.4)
            return {"access_token": "t"}

        found = self.at_once(self.started(answer), 2)
        self.assertEqual([one[1:] for one in found],
                         [(200, None), (422, "timeout")])
        self.assertLess(found[1][0], TOTAL + SLACK)


if __name__ == "__main__":
    unittest.main()
