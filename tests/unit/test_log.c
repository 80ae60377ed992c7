/*
 * src/base/log.c: which lines are held back, and when they are written.
 */
#include <config.h>

#include "base/log.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/connectors-log.XXXXXX";

static void
open_log(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert(log_open(path));
	log_hold();
}

static void
remove_log(void)
{
	unlink(path);
}

TestSuite(log, .init = open_log, .fini = remove_log);

static size_t
written(void)
{
	struct stat about;

	cr_assert_eq(stat(path, &about), 0);
	return (size_t)about.st_size;
}

static void
request(int status)
{
	struct log_request line = {
		.id = STR("id"), .lane = "api", .status = status
	};

	log_request(&line);
}

Test(log, a_request_is_held_until_it_is_flushed)
{
	size_t one;

	cr_expect(!log_holds());
	request(200);
	cr_expect(log_holds());
	cr_expect_eq(written(), 0);
	log_flush();
	cr_expect(!log_holds());
	one = written();
	cr_expect_gt(one, 0);
	request(200);
	request(200);
	log_flush();
	cr_expect_eq(written() / one, 3);
}

Test(log, what_is_held_stays_in_front_of_a_message)
{
	char text[1000] = "";
	FILE *file;

	request(200);
	log_line(LEVEL_INFO, "behind it");
	cr_expect(!log_holds());
	file = fopen(path, "r");
	cr_assert_not_null(file);
	cr_assert_not_null(fgets(text, sizeof(text), file));
	cr_expect_not_null(strstr(text, "request_id"));
	cr_assert_not_null(fgets(text, sizeof(text), file));
	cr_expect_not_null(strstr(text, "behind it"));
	fclose(file);
}

Test(log, a_failure_is_written_at_once)
{
	request(200);
	request(500);
	cr_expect(!log_holds());
	cr_expect_gt(written(), 0);
}

/* A pipe takes it in one piece, whoever else writes there. */
Test(log, no_batch_is_larger_than_a_pipe_takes_at_once)
{
	size_t last = 0;

	for (int i = 0; i < 200; i++) {
		size_t now;

		request(200);
		now = written();
		cr_expect_leq(now - last, (size_t)PIPE_BUF);
		last = now;
	}
	cr_expect_gt(last, (size_t)PIPE_BUF);
}

Test(log, opening_anew_writes_what_is_held_to_the_old_file)
{
	request(200);
	cr_assert_eq(unlink(path), 0);
	log_reopen();
	cr_expect(!log_holds());
	cr_expect_eq(written(), 0);
}
