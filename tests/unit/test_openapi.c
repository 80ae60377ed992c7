/*
 * The OpenAPI document as a text; what it says of the API is held against the
 * API itself by tests/api/described.py.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "openapi/openapi.h"
#include "openapi/reach.h"
#include "schema/tables.h"

#define DOCUMENT_MAX (8u << 20)

static struct arena *arena;
static struct buf text;

static void
set_up(void)
{
	arena = arena_new(1 << 16);
	buf_init(&text, DOCUMENT_MAX);
	openapi_write(arena, &text);
	buf_add_char(&text, '\0');
	text.len--;
}

static void
tear_down(void)
{
	buf_done(&text);
	arena_free(arena);
}

TestSuite(openapi, .init = set_up, .fini = tear_down);

static bool
has(const char *part)
{
	return strstr(text.ptr, part) != NULL;
}

Test(openapi, is_the_same_each_time)
{
	struct buf again;

	buf_init(&again, DOCUMENT_MAX);
	openapi_write(arena, &again);
	cr_expect(!again.overflow);
	cr_expect(str_equal(buf_str(&again), buf_str(&text)));
	buf_done(&again);
}

Test(openapi, names_what_routes_are_about)
{
	cr_expect(has("\"/api/v1/connectors/{connector}/test\""));
	cr_expect(has("\"name\":\"include[]\""));
	cr_expect(has("\"name\":\"fields[connectors][]\""));
	cr_expect(!has("\"name\":\"include\""));
}

Test(openapi, tells_of_no_table_that_clients_do_not_meet)
{
	cr_expect(reach_resource(&resource_connectors));
	cr_expect(reach_resource(&resource_field_tags));
	cr_expect(!reach_resource(&resource_api_keys));
	cr_expect(!reach_resource(&resource_audit_events));
	cr_expect(!reach_resource(&resource_companies));
	cr_expect(!reach_resource(&resource_sessions));
	cr_expect(!has("audit_event"));
	cr_expect(!has("key_hash"));
}

Test(openapi, a_relation_that_no_include_names_is_not_met)
{
	const struct relation *session =
	    schema_relation(&resource_connectors, STR("session"));
	const struct relation *variables =
	    schema_relation(&resource_connectors, STR("variables"));

	cr_assert_not_null(session);
	cr_expect(!reach_relation(&resource_connectors, session));
	cr_expect(reach_relation(&resource_connectors, variables));
	cr_expect_null(reach_pivot(&resource_connectors));
	cr_expect_eq(
	    reach_pivot(&resource_variables)->table, &resource_model_variables);
}

Test(openapi, fields_of_an_answer_are_those_it_can_reach)
{
	cr_expect(reach_from(&resource_connectors, &resource_users));
	cr_expect(!reach_from(&resource_connectors, &resource_companies));
	cr_expect(reach_from(&resource_connectors, &resource_connectors));
}
