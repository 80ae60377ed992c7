/*
 * src/schema: the tables agree with themselves. What a typing error in a table
 * would break only at run time, this finds here.
 */
#include <config.h>

#include "schema/schema.h"

#include <criterion/criterion.h>
#include <string.h>

#include "schema/lists.h"
#include "schema/tables.h"

static bool
has_column(const struct resource *r, const char *name)
{
	return schema_column(r, str_of(name)) != NULL;
}

Test(schema, names_are_unique)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];

		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(r->name, resources[k]->name);
		for (size_t k = 0; k < r->n_columns; k++)
			cr_expect_eq(
			    schema_column(r, str_of(r->columns[k].name)),
			    &r->columns[k], "%s.%s", r->name,
			    r->columns[k].name);
		for (size_t k = 0; k < r->n_relations; k++)
			cr_expect_eq(
			    schema_relation(r, str_of(r->relations[k].name)),
			    &r->relations[k], "%s.%s", r->name,
			    r->relations[k].name);
		for (size_t k = 0; k < r->n_filters; k++)
			cr_expect_eq(
			    schema_filter(r, str_of(r->filters[k].name)),
			    &r->filters[k], "%s.%s", r->name,
			    r->filters[k].name);
	}
}

Test(schema, unknown_names_are_nothing)
{
	cr_expect_null(schema_column(&resource_connectors, STR("nam")));
	cr_expect_null(schema_column(&resource_connectors, STR("name ")));
	cr_expect_null(schema_relation(&resource_connectors, STR("Variables")));
	cr_expect_null(schema_filter(&resource_connectors, STR("")));
}

Test(schema, every_table_has_a_key_and_times_at_its_end)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];
		size_t n_keys = 0;

		for (size_t k = 0; k < r->n_columns; k++)
			if ((r->columns[k].flags & COLUMN_KEY) != 0)
				n_keys++;
		cr_expect_gt(n_keys, 0, "%s", r->name);
		cr_expect_not_null(r->one, "%s", r->name);
		cr_expect_not_null(r->model, "%s", r->name);
	}
}

Test(schema, lookups_and_references_end_in_columns)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];

		for (size_t k = 0; k < r->n_columns; k++) {
			const struct column *c = &r->columns[k];
			const struct column_lookup *l = c->lookup;

			cr_expect(
			    c->refers == NULL || has_column(c->refers, "id"),
			    "%s.%s", r->name, c->name);
			if (l == NULL)
				continue;
			cr_expect(
			    has_column(r, l->local), "%s.%s", r->name, c->name);
			cr_expect(has_column(l->table, l->foreign), "%s.%s",
			    r->name, c->name);
			cr_expect(has_column(l->table, l->value), "%s.%s",
			    r->name, c->name);
		}
	}
}

static void
check_link(const struct resource *r, const struct relation *relation)
{
	const struct relation_link *link = relation->link;

	cr_assert_not_null(link, "%s.%s", r->name, relation->name);
	cr_expect(has_column(link->table, link->near), "%s.%s", r->name,
	    relation->name);
	cr_expect(has_column(link->table, link->far), "%s.%s", r->name,
	    relation->name);
	cr_expect(link->morph == NULL || has_column(link->table, "model_type"),
	    "%s.%s", r->name, relation->name);
	cr_expect(link->morph == NULL || strcmp(link->morph, r->one) == 0,
	    "%s.%s", r->name, relation->name);
	for (const char *const *p = link->pivot; p != NULL && *p != NULL; p++)
		cr_expect(has_column(link->table, *p), "%s.%s: %s", r->name,
		    relation->name, *p);
}

Test(schema, relations_end_in_columns)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];

		for (size_t k = 0; k < r->n_relations; k++) {
			const struct relation *relation = &r->relations[k];

			cr_assert_not_null(
			    relation->target, "%s.%s", r->name, relation->name);
			cr_assert(has_column(r, relation->local), "%s.%s",
			    r->name, relation->name);
			cr_expect(column_is_selected(schema_column(
				      r, str_of(relation->local))),
			    "%s.%s", r->name, relation->name);
			cr_expect(
			    has_column(relation->target, relation->foreign),
			    "%s.%s", r->name, relation->name);
			if (relation->kind == RELATION_MANY)
				check_link(r, relation);
			else
				cr_expect_null(relation->link, "%s.%s", r->name,
				    relation->name);
		}
	}
}

/* The resource at the end of a dotted path; NULL if the path breaks. */
static const struct resource *
follow(const struct resource *r, const char *path)
{
	struct str rest = str_of(path), part;

	if (rest.len == 0)
		return r;
	while (r != NULL && str_next_part(&rest, '.', &part)) {
		const struct relation *relation = schema_relation(r, part);

		r = relation == NULL ? NULL : relation->target;
	}
	return r;
}

Test(schema, filters_end_in_columns)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];

		for (size_t k = 0; k < r->n_filters; k++) {
			const struct filter *f = &r->filters[k];
			const struct resource *end = follow(r, f->path);

			cr_assert_not_null(end, "%s.%s", r->name, f->name);
			cr_expect(
			    f->digits == NULL || has_column(end, f->digits),
			    "%s.%s", r->name, f->name);
			cr_expect(f->text == NULL || has_column(end, f->text),
			    "%s.%s", r->name, f->name);
			cr_expect((f->newest == NULL) != (f->digits == NULL),
			    "%s.%s", r->name, f->name);
			cr_expect(f->newest == NULL || has_column(r, f->newest),
			    "%s.%s", r->name, f->name);
			cr_expect(
			    f->newest == NULL ||
			    (f->newest_index != NULL &&
				schema_column(r, str_of(f->newest))->refers !=
				    NULL));
		}
	}
}

Test(schema, searches_look_in_columns_of_text)
{
	for (size_t i = 0; i < n_resources; i++)
		for (const char *const *p = resources[i]->search;
		     p != NULL && *p != NULL; p++) {
			const struct column *c =
			    schema_column(resources[i], str_of(*p));

			cr_assert_not_null(c, "%s.%s", resources[i]->name, *p);
			cr_expect_eq(c->type, COLUMN_TEXT);
			cr_expect_eq(c->flags & COLUMN_BINARY, 0);
		}
}

/* What api/complete.c reads of the tables. */
Test(schema, needs_are_those_of_a_type_and_have_a_pivot)
{
	static const char *const read[] = { "url", "test_url", "headers",
		"query", "body" };

	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_relations; k++) {
			const struct resource *r = resources[i];
			const struct relation *up, *by = &r->relations[k];

			if (by->needs_of == NULL)
				continue;
			up = schema_relation(r, str_of(by->needs_of));
			cr_assert_not_null(up);
			cr_expect_eq(
			    up->target, &resource_authentication_types);
			cr_expect_eq(by->target, &resource_variables);
			cr_assert_not_null(by->link);
			cr_expect_not_null(by->link->morph);
			cr_expect_eq(by->link->pivot, list_variable_pivot);
			for (size_t c = 0; c < N_ELEMENTS(read); c++)
				cr_expect(has_column(r, read[c]), "%s.%s",
				    r->name, read[c]);
		}
}

static void
check_include(const struct resource *r, const char *text)
{
	struct str name = str_of(text);

	if (str_ends_with(name, STR("_count")) ||
	    str_ends_with(name, STR("Exists"))) {
		name.len -= 6;
		cr_expect_not_null(
		    schema_relation(r, name), "%s: %s", r->name, text);
	} else {
		cr_expect_not_null(follow(r, text), "%s: %s", r->name, text);
	}
}

Test(schema, includes_are_paths_counts_or_exists)
{
	for (size_t i = 0; i < n_resources; i++)
		for (const char *const *p = schema_includes(resources[i]);
		     *p != NULL; p++)
			check_include(resources[i], *p);
}

Test(schema, keys_of_paths_are_columns_of_text)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];
		const struct column *c;

		if (r->key == NULL)
			continue;
		c = schema_column(r, str_of(r->key));
		cr_assert_not_null(c, "%s", r->name);
		cr_expect_eq(c->type, COLUMN_TEXT, "%s", r->name);
	}
}

/* Not every column of that name: a system has a version of its own. */
Test(schema, versions_are_read_with_every_row)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];
		const struct column *c;

		if (r->version == NULL)
			continue;
		c = schema_column(r, str_of(r->version));
		cr_assert_not_null(c, "%s", r->name);
		cr_expect(column_is_selected(c), "%s", r->name);
		cr_expect_eq(c->type, COLUMN_INT, "%s", r->name);
	}
	cr_expect_not_null(resource_connectors.version);
	cr_expect_null(resource_systems.version);
}

/* A rule of an item is "<list>.*.<item>", which messages rely on. */
Test(schema, rules_of_items_are_below_the_list)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];
		const struct rule *list = schema_list(r);

		for (size_t k = 0; k < r->n_rules; k++) {
			struct str field = str_of(r->rules[k].field);
			const char *item = r->rules[k].item;

			if (item == NULL)
				continue;
			cr_assert_not_null(list, "%s", r->name);
			cr_expect(str_starts_with(field, str_of(list->field)),
			    "%s", r->rules[k].field);
			field = str_from(field, strlen(list->field));
			cr_assert(str_starts_with(field, STR(".*.")), "%s",
			    r->rules[k].field);
			cr_expect(str_equal_text(str_from(field, 3), item),
			    "%s", r->rules[k].field);
		}
	}
}

Test(schema, scopes_have_what_they_look_at)
{
	for (size_t i = 0; i < n_resources; i++) {
		const struct resource *r = resources[i];

		if (r->scope == SCOPE_OWN || r->scope == SCOPE_SHARED)
			cr_expect(has_column(r, "company_id"), "%s", r->name);
		if (r->scope == SCOPE_PARENT) {
			const struct relation *up;

			cr_assert_not_null(r->scope_relation, "%s", r->name);
			up = schema_relation(r, str_of(r->scope_relation));
			cr_assert_not_null(up, "%s", r->name);
			/* sql_writer.c has one alias for it. */
			cr_expect_neq(
			    up->target->scope, SCOPE_PARENT, "%s", r->name);
		}
	}
}

/* Bodies are judged by engine/form.h alone. */
Test(schema, forms_of_bodies_are_known_to_the_engine)
{
	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_rules; k++) {
			const struct rule *rule = &resources[i]->rules[k];
			const struct column *c;

			if (rule->resource == NULL)
				continue;
			c = schema_column(rule->resource, str_of(rule->column));
			cr_assert_not_null(c, "%s", rule->field);
			cr_expect(c->form < FORM_AUTHENTICATION_TYPE, "%s",
			    rule->field);
		}
}

/* An import limits every JSON it takes. */
Test(schema, imported_json_has_a_limit)
{
	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_columns; k++) {
			const struct column *c = &resources[i]->columns[k];

			if (resources[i]->internal ||
			    (c->type != COLUMN_JSON &&
				c->type != COLUMN_OBJECT))
				continue;
			cr_expect_gt(
			    c->max, 0, "%s.%s", resources[i]->name, c->name);
		}
}

/* No answer holds what is sealed, and nothing sealed can be sorted by. */
Test(schema, sealed_columns_are_hidden)
{
	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_columns; k++) {
			const struct column *c = &resources[i]->columns[k];

			if (c->type != COLUMN_SEALED)
				continue;
			cr_expect_not(column_is_selected(c), "%s.%s",
			    resources[i]->name, c->name);
			cr_expect_eq(c->flags & COLUMN_SORT, 0, "%s.%s",
			    resources[i]->name, c->name);
		}
}

/* What a write of the API changes, beside connectors' variables. */
static bool
is_written(const struct resource *resource)
{
	return resource == &resource_connectors ||
	       resource == &resource_certificates ||
	       resource == &resource_model_variables ||
	       resource == &resource_connector_tests;
}

/* What is kept of the catalogue holds nothing that a connector has. */
static void
check_catalogue(const struct resource *resource, const struct relation *r)
{
	size_t len = strlen(r->name);

	cr_expect_eq(r->kind, RELATION_TO_ONE, "%s", r->name);
	cr_expect_null(r->needs_of, "%s", r->name);
	cr_expect_not(is_written(r->target), "%s", r->name);
	for (const char *const *p = schema_includes(resource); *p != NULL;
	     p++) {
		const struct relation *at = r;
		struct str rest = str_of(*p), part;

		if (strncmp(*p, r->name, len) != 0 || (*p)[len] != '.')
			continue;
		str_next_part(&rest, '.', &part);
		cr_expect_not(is_written(at->target), "%s", *p);
		while (str_next_part(&rest, '.', &part)) {
			at = schema_relation(at->target, part);
			cr_assert_not_null(at, "%s", *p);
			cr_expect_not(is_written(at->target), "%s", *p);
			cr_expect(at->link == NULL || at->link->morph == NULL ||
				      strcmp(at->link->morph,
					  resource_connectors.one) != 0,
			    "%s", *p);
		}
	}
}

Test(schema, the_catalogue_leads_to_no_row_of_a_connector)
{
	size_t n = 0;

	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_relations; k++)
			if (resources[i]->relations[k].catalogue) {
				check_catalogue(
				    resources[i], &resources[i]->relations[k]);
				n++;
			}
	cr_expect_eq(n, 2);
}

/* What is kept under the version of a row is that row's alone. */
static void
check_versioned(const struct resource *resource, const struct relation *r)
{
	struct str below = { 0 };

	cr_expect_not_null(resource->version, "%s", r->name);
	cr_expect_not_null(
	    schema_column(resource, str_of(r->own_changes)), "%s", r->name);
	cr_expect_str_eq(r->local, "id", "%s", r->name);
	cr_expect_null(r->needs_of, "%s", r->name);
	for (const char *const *p = schema_includes(resource); *p != NULL; p++)
		if (strncmp(*p, r->name, strlen(r->name)) == 0 &&
		    (*p)[strlen(r->name)] == '.')
			below = str_of(*p);
	cr_expect_eq(below.len, 0, "%.*s", STR_FMT(below));
}

Test(schema, variables_are_versioned_with_their_connector)
{
	size_t n = 0;

	for (size_t i = 0; i < n_resources; i++)
		for (size_t k = 0; k < resources[i]->n_relations; k++)
			if (resources[i]->relations[k].own_changes != NULL) {
				check_versioned(
				    resources[i], &resources[i]->relations[k]);
				n++;
			}
	cr_expect_eq(n, 1);
}
