/*
 * src/engine/encode.c
 */
#include <config.h>

#include "engine/encode.h"

#include <criterion/criterion.h>
#include <string.h>

#include "engine/result.h"
#include "engine/sql.h"
#include "schema/tables.h"

struct fixture {
	struct arena *arena;
	struct query query;
	struct buf out;
};

static struct fixture *
parse(const char *text)
{
	struct arena *arena = arena_new(65536);
	struct fixture *f = ARENA_NEW(arena, struct fixture, 1);
	struct problem problem = { .arena = arena };

	f->arena = arena;
	buf_init(&f->out, 1 << 20);
	cr_assert_eq(query_parse(arena, &resource_connectors, QUERY_ALL,
			 str_of(text), &f->query, &problem),
	    OK, "%s: %.*s", text, STR_FMT(problem.message));
	return f;
}

static void
done(struct fixture *f)
{
	buf_done(&f->out);
	arena_free(f->arena);
}

/* A value of the column's type. */
static struct value
sample(const struct column *column)
{
	switch (column->type) {
	case COLUMN_INT:
	case COLUMN_BOOL:
		return value_int(7);
	case COLUMN_TIME:
		return value_text(STR("2024-01-31 23:59:59.000000"));
	case COLUMN_JSON:
	case COLUMN_OBJECT:
		return value_text(STR("{\"a\":[1]}"));
	case COLUMN_TEXT:
	case COLUMN_MASKED:
	case COLUMN_SEALED:
	case COLUMN__MAX:
		break;
	}
	return value_text(STR("t\"x"));
}

/* Fills the selected columns of a resource; returns the cell behind them. */
static struct value *
fill(struct value *cells, const struct resource *resource)
{
	for (size_t i = 0; i < resource->n_columns; i++)
		if (column_is_selected(&resource->columns[i]))
			*cells++ = sample(&resource->columns[i]);
	return cells;
}

/* One row of the roots, with room for aggregates behind it. */
static struct result
one_root(struct fixture *f)
{
	struct result result = { .include = &f->query.root };

	result.rows.cells = ARENA_NEW(f->arena, struct value, 100);
	result.rows.count = 1;
	result.rows.width = 100;
	fill(result.rows.cells, f->query.resource);
	return result;
}

static struct value *
cell(const struct result *result, size_t row, const char *column)
{
	return &result->rows
		    .cells[row * result->rows.width +
			   sql_position(result->include->resource, column)];
}

static void
expect_json(struct fixture *f, const char *json)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (const char *p = json; *p != '\0'; p++)
		buf_add_char(&b, (char)(*p == '\'' ? '"' : *p));
	cr_expect(str_equal(buf_str(&f->out), buf_str(&b)), "%.*s",
	    STR_FMT(buf_str(&f->out)));
	buf_done(&b);
}

Test(encode, writes_the_columns_in_order)
{
	struct fixture *f = parse("");
	struct result result = one_root(f);

	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f,
	    "{'id':7,'name':'t\\'x','type':'t\\'x',"
	    "'authentication_implementation_id':7,'timezone':'t\\'x',"
	    "'date_format':'t\\'x','rate_limit_unit':'t\\'x',"
	    "'rate_limit_duration':7,'connection_pool_id':7,"
	    "'certificate_id':7,'session_id':'t\\'x',"
	    "'platform_app_key':'t\\'x','canonical_key':'t\\'x',"
	    "'created_at':'2024-01-31T23:59:59.000000Z',"
	    "'updated_at':'2024-01-31T23:59:59.000000Z'}");
	done(f);
}

Test(encode, writes_null_where_there_is_nothing)
{
	struct fixture *f = parse("fields=type,certificate_id");
	struct result result = one_root(f);

	*cell(&result, 0, "type") = value_null();
	*cell(&result, 0, "certificate_id") = value_null();
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':7,'type':null,'certificate_id':null}");
	done(f);
}

Test(encode, aggregates_follow_the_columns_in_the_order_asked)
{
	struct fixture *f = parse("fields=id&include=variablesExists,"
				  "variables_count,certificateExists");
	struct result result = one_root(f);
	struct value *cells = fill(result.rows.cells, f->query.resource);

	cells[0] = value_int(1);
	cells[1] = value_int(3);
	cells[2] = value_int(0);
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':7,'variables_exists':true,'variables_count':3,"
		       "'certificate_exists':false}");
	done(f);
}

/* Rows of a relation, each with the key given; ids count from 1. */
static void
add_related(
    struct fixture *f, struct result *parent, const int64_t *keys, size_t n)
{
	struct result *result = ARENA_NEW(f->arena, struct result, 1);
	struct result **end = &parent->children;
	const struct include *include = parent->include->children;

	while (*end != NULL) {
		end = &(*end)->next;
		include = include->next;
	}
	*end = result;
	result->include = include;
	result->rows.width = 100;
	result->rows.count = n;
	result->rows.cells = ARENA_NEW(f->arena, struct value, n * 100 + 1);
	result->spans = ARENA_NEW(f->arena, struct span, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct value *cells = &result->rows.cells[i * 100];

		cells[0] = value_int(keys[i]);
		fill(cells + 1, include->resource);
		cells[1] = value_int((int64_t)i + 1);
	}
}

Test(encode, to_one_is_an_object_or_null)
{
	static const int64_t keys[] = { 6, 7, 9 };
	struct fixture *f = parse("fields[connectors]=id&fields[certificates]="
				  "id&include=certificate");
	struct result result = one_root(f);

	add_related(f, &result, keys, N_ELEMENTS(keys));
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':7,'certificate':{'id':2}}");
	buf_reset(&f->out);
	*cell(&result, 0, "certificate_id") = value_int(8);
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':7,'certificate':null}");
	buf_reset(&f->out);
	*cell(&result, 0, "certificate_id") = value_null();
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':7,'certificate':null}");
	done(f);
}

Test(encode, to_many_is_an_array_with_pivots)
{
	static const int64_t keys[] = { 6, 7, 7, 8 };
	struct fixture *f = parse(
	    "fields[connectors]=id&fields[variables]=secret&include=variables");
	struct result result = one_root(f);
	struct value *pivot;

	add_related(f, &result, keys, N_ELEMENTS(keys));
	for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
		pivot = fill(&result.children->rows.cells[i * 100 + 1],
		    &resource_variables);
		result.children->rows.cells[i * 100 + 1].integer = (int)i + 1;
		pivot[0] = value_text(STR("connector"));
		pivot[1] = value_int(7);
		pivot[2] = value_int(5);
		pivot[3] = value_null();
		pivot[4] = value_int(0);
		pivot[5] = value_int(1);
		pivot[6] = value_int(0);
	}
	encode_root(f->arena, &f->out, &f->query, &result, 0);
#define PIVOT                                                \
	"'pivot':{'model_type':'connector','model_id':7,"    \
	"'variable_id':5,'alias':null,'configurable':false," \
	"'required':true,'advanced':false}"
	expect_json(f, "{'id':7,'variables':["
		       "{'id':2,'secret':true," PIVOT "},"
		       "{'id':3,'secret':true," PIVOT "}]}");
	buf_reset(&f->out);
	*cell(&result, 0, "id") = value_int(99);
	encode_root(f->arena, &f->out, &f->query, &result, 0);
	expect_json(f, "{'id':99,'variables':[]}");
	done(f);
}

/* A row that was written once is copied; what was before it must not matter. */
Test(encode, shared_rows_read_the_same_everywhere)
{
	static const int64_t keys[] = { 7 };
	struct fixture *f =
	    parse("fields[connectors]=id&fields[certificates]=id&"
		  "fields[users]=id&include=certificate.user");
	struct result result = one_root(f);

	add_related(f, &result, keys, 1);
	add_related(f, result.children, keys, 1);
	buf_add_char(&f->out, '[');
	for (int i = 0; i < 3; i++)
		encode_root(f->arena, &f->out, &f->query, &result, 0);
	buf_add_char(&f->out, ']');
#define ROW "{'id':7,'certificate':{'id':1,'user':{'id':1}}}"
	expect_json(f, "[" ROW "," ROW "," ROW "]");
	done(f);
}

Test(encode, stops_at_the_end_of_the_buffer)
{
	static const int64_t keys[] = { 7, 7, 7 };

	for (size_t max = 0; max < 700; max++) {
		struct fixture *f = parse("include=variables,certificate.user");
		struct result result = one_root(f);

		add_related(f, &result, keys, 3);
		add_related(f, &result, keys, 1);
		add_related(f, result.children->next, keys, 1);
		f->out.max = max;
		encode_root(f->arena, &f->out, &f->query, &result, 0);
		encode_root(f->arena, &f->out, &f->query, &result, 0);
		cr_expect(f->out.overflow);
		cr_expect_leq(f->out.len, max);
		done(f);
	}
}
