/*
 * src/stats/metrics.c: what is counted, and that the text is what Prometheus
 * reads.
 */
#include <config.h>

#include "stats/metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct metrics metrics;
static struct buf text;

static void
start(void)
{
	memset(&metrics, 0, sizeof(metrics));
	buf_init(&text, 1 << 20);
}

static void
finish(void)
{
	buf_done(&text);
}

TestSuite(metrics, .init = start, .fini = finish);

/* The text of all measures, NUL-terminated. */
static const char *
written(void)
{
	buf_reset(&text);
	metrics_write(&text, &metrics);
	buf_add_char(&text, '\0');
	cr_assert(!text.overflow);
	return text.ptr;
}

/* The value of the line that begins with name; -1: there is none. */
static double
value_of(const char *name)
{
	const char *line = written();
	size_t len = strlen(name);

	while (line != NULL) {
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return strtod(line + len, NULL);
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return -1;
}

#define REQUESTS(route, status) \
	"connectors_requests_total{route=\"" route "\",status=\"" status "\"}"
#define BUCKET(route, le)                                           \
	"connectors_request_duration_seconds_bucket{route=\"" route \
	"\",le=\"" le "\"}"
#define OF_ROUTE(suffix, route) \
	"connectors_request_duration_seconds_" suffix "{route=\"" route "\"}"

Test(metrics, requests_by_route_and_status)
{
	metrics_count_request(&metrics, "connectors.index", 200, 10);
	metrics_count_request(&metrics, "connectors.index", 200, 10);
	metrics_count_request(&metrics, "connectors.index", 503, 10);
	metrics_count_request(&metrics, NULL, 404, 10);
	metrics_count_request(&metrics, "no.such.route", 418, 10);
	cr_expect_eq(value_of(REQUESTS("connectors.index", "200")), 2);
	cr_expect_eq(value_of(REQUESTS("connectors.index", "503")), 1);
	cr_expect_eq(value_of(REQUESTS("none", "404")), 1);
	cr_expect_eq(value_of(REQUESTS("none", "other")), 1);
	cr_expect_eq(value_of(REQUESTS("connectors.index", "404")), -1);
}

Test(metrics, every_status_of_an_error_has_a_name)
{
	for (int error = 0; error < ERROR__MAX; error++) {
		char name[100];

		metrics_count_request(&metrics, "connectors.show",
		    error_status((enum error)error), 1);
		snprintf(name, sizeof(name), REQUESTS("connectors.show", "%d"),
		    error_status((enum error)error));
		cr_expect_geq(value_of(name), 1, "%s", name);
	}
	cr_expect_eq(value_of(REQUESTS("connectors.show", "other")), -1);
}

Test(metrics, buckets_are_cumulative)
{
	const uint64_t times[] = { 0, 500, 501, 1000, 2400, 99999, 100000,
		100001, 5000000, 20000000, 20000001, 3600000000 };

	for (size_t i = 0; i < N_ELEMENTS(times); i++)
		metrics_count_request(
		    &metrics, "connectors.show", 200, times[i]);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.0005")), 2);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.001")), 4);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.0025")), 5);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.05")), 5);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.1")), 7);
	cr_expect_eq(value_of(BUCKET("connectors.show", "0.25")), 8);
	cr_expect_eq(value_of(BUCKET("connectors.show", "5")), 9);
	cr_expect_eq(value_of(BUCKET("connectors.show", "20")), 10);
	cr_expect_eq(value_of(BUCKET("connectors.show", "+Inf")), 12);
	cr_expect_eq(value_of(OF_ROUTE("count", "connectors.show")), 12);
	cr_expect_float_eq(
	    value_of(OF_ROUTE("sum", "connectors.show")), 3645.304402, 1e-6);
	cr_expect_eq(value_of(OF_ROUTE("count", "connectors.index")), 0);
}

Test(metrics, plain_counters)
{
	metrics_count(&metrics, METRIC_STATEMENTS, 3);
	metrics_count(&metrics, METRIC_STATEMENTS, 4);
	metrics_count(&metrics, METRIC_DATABASE_MICROSECONDS, 1500001);
	cr_expect_eq(value_of("connectors_database_statements_total"), 7);
	cr_expect_float_eq(
	    value_of("connectors_database_seconds_total"), 1.500001, 1e-9);
	cr_expect_eq(value_of("connectors_cache_hits_total"), 0);
}

Test(metrics, lanes)
{
	metrics_count_lane(&metrics, LANE_METRIC_KILLED, LANE_TEST);
	cr_expect_eq(metrics_lane(&metrics, LANE_METRIC_KILLED, LANE_TEST), 1);
	cr_expect_eq(
	    value_of("connectors_worker_kills_total{lane=\"test\"}"), 1);
	cr_expect_eq(
	    value_of("connectors_worker_kills_total{lane=\"api\"}"), 0);
	cr_expect_eq(
	    value_of("connectors_worker_restarts_total{lane=\"test\"}"), 0);
}

Test(metrics, removed_rows_by_table)
{
	metrics_count_removed(&metrics, REMOVED_TESTS, 500);
	metrics_count_removed(&metrics, REMOVED_TESTS, 7);
	metrics_count_removed(&metrics, REMOVED_ANSWERS, 1);
	cr_expect_eq(value_of("connectors_rows_removed_total"
			      "{table=\"connector_tests\"}"),
	    507);
	cr_expect_eq(value_of("connectors_rows_removed_total"
			      "{table=\"idempotency_keys\"}"),
	    1);
	cr_expect_eq(value_of("connectors_rows_removed_total"
			      "{table=\"audit_events\"}"),
	    0);
}

Test(metrics, tests_by_outcome)
{
	metrics_count_test(&metrics, NULL);
	for (size_t i = 0; probe_reason_name(i) != NULL; i++)
		metrics_count_test(&metrics, probe_reason_name(i));
	metrics_count_test(&metrics, "a word nobody knows");
	cr_expect_eq(value_of("connectors_tests_total{outcome=\"ok\"}"), 1);
	cr_expect_eq(
	    value_of("connectors_tests_total{outcome=\"timeout\"}"), 1);
	cr_expect_eq(value_of("connectors_tests_total{outcome=\"failed\"}"), 2);
}

Test(metrics, labels_are_escaped)
{
	const struct metrics_label labels[] = { { "a", "x\"y\\z\nw" },
		{ "b", "" } };

	metrics_integer(&text, "n", labels, 2, UINT64_MAX);
	cr_expect(str_equal(
	    buf_str(&text), STR("connectors_n{a=\"x\\\"y\\\\z\\nw\",b=\"\"} "
				"18446744073709551615\n")));
}

/* A sample line: name, labels or none, a blank, a number. */
static bool
is_sample(const char *line)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
	const char *p = line + name;
	char *end;

	if (name == 0)
		return false;
	if (*p == '{') {
		p = strchr(p, '}');
		if (p == NULL)
			return false;
		p++;
	}
	if (*p != ' ')
		return false;
	strtod(p + 1, &end);
	return end != p + 1 && *end == '\0';
}

/* Each metric: HELP, TYPE, then its samples, counters named *_total. */
static void
check_line(char *line, char *name, char *type)
{
	if (strncmp(line, "# HELP ", 7) == 0) {
		cr_assert_eq(sscanf(line + 7, "%99s", name), 1);
		return;
	}
	if (strncmp(line, "# TYPE ", 7) == 0) {
		char of[100];

		cr_assert_eq(sscanf(line + 7, "%99s %19s", of, type), 2);
		cr_expect_str_eq(of, name);
		cr_expect_eq(strcmp(type, "counter") == 0,
		    str_ends_with(str_of(name), STR("_total")), "%s", name);
		return;
	}
	cr_expect(is_sample(line), "%s", line);
	cr_expect_eq(strncmp(line, name, strlen(name)), 0, "%s", line);
}

Test(metrics, text_is_well_formed)
{
	char name[100] = "", type[20] = "";
	char *line, *end;

	metrics_count_request(&metrics, "connectors.store", 422, 1234);
	written();
	for (line = text.ptr; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		cr_assert_not_null(end, "the last line has an end");
		*end = '\0';
		check_line(line, name, type);
	}
}
