/*
 * Row macros: short words for the tables. Only resource files include it.
 */
#ifndef SCHEMA_ROWS_H
#define SCHEMA_ROWS_H

#include "base/str.h"
#include "schema/schema.h"

#define NULLABLE  COLUMN_NULLABLE
#define HIDDEN    COLUMN_HIDDEN
#define KEY       COLUMN_KEY
#define SORT      COLUMN_SORT
#define DERIVED   COLUMN_DERIVED
#define IMPORT    COLUMN_IMPORT
#define BINARY    COLUMN_BINARY
#define DEFAULTED COLUMN_DEFAULTED
#define SELECTED  COLUMN_SELECTED
#define RAW       COLUMN_RAW

#define INT_MAX_32 2147483647
#define TEXT_MAX   65535 /* bytes of a TEXT column */
/* 2^53 - 1: what every reader of JSON keeps exactly (RFC 8259, 6), and far from
 * where the database has no next one. */
#define ID_MAX INT64_C(9007199254740991)

/* COLUMN(name, TYPE, .flags = ..., .max = ...) */
#define COLUMN(column_name, column_type, ...)                       \
	{                                                           \
		.name = #column_name, .type = COLUMN_##column_type, \
		__VA_ARGS__                                         \
	}

/* The id of a row, and one that refers to another table's. */
#define ID                                                     \
	COLUMN(id, INT, .flags = KEY, .min = 1, .max = ID_MAX, \
	    .doc = "Identifier, given by the server.")
#define REFERENCE(column_name, table, ...)                \
	COLUMN(column_name, INT, .min = 1, .max = ID_MAX, \
	    .refers = &resource_##table, __VA_ARGS__)

/* Both time stamps that end every table. */
#define TIMES                                            \
	COLUMN(created_at, TIME, .flags = DEFAULTED,     \
	    .doc = "When the row was made (UTC)."),      \
	    COLUMN(updated_at, TIME, .flags = DEFAULTED, \
		.doc = "When the row was last changed (UTC).")
#define HIDDEN_TIMES                                              \
	COLUMN(created_at, TIME, .flags = DEFAULTED | HIDDEN,     \
	    .doc = "When the row was made (UTC)."),               \
	    COLUMN(updated_at, TIME, .flags = DEFAULTED | HIDDEN, \
		.doc = "When the row was last changed (UTC).")

/* Relations: name in `include`, JSON member, target, what joins them. */
#define TO_ONE(relation, json, to, column, text)                             \
	{                                                                    \
		.name = #relation, .member = #json, .kind = RELATION_TO_ONE, \
		.target = &resource_##to, .local = #column, .foreign = "id", \
		.doc = text                                                  \
	}
/* The same, to a row of the catalogue. */
#define TO_CATALOGUE(relation, json, to, column, text)                       \
	{                                                                    \
		.name = #relation, .member = #json, .kind = RELATION_TO_ONE, \
		.target = &resource_##to, .local = #column, .foreign = "id", \
		.catalogue = true, .doc = text                               \
	}
#define HAS_ONE(relation, json, to, column, text)                             \
	{                                                                     \
		.name = #relation, .member = #json, .kind = RELATION_HAS_ONE, \
		.target = &resource_##to, .local = "id", .foreign = #column,  \
		.doc = text                                                   \
	}
#define HAS_MANY(relation, json, to, column, type, text)                       \
	{                                                                      \
		.name = #relation, .member = #json, .kind = RELATION_HAS_MANY, \
		.target = &resource_##to, .local = "id", .foreign = #column,   \
		.morph = type, .doc = text                                     \
	}
#define MANY(relation, json, to, by, text)                                 \
	{                                                                  \
		.name = #relation, .member = #json, .kind = RELATION_MANY, \
		.target = &resource_##to, .local = "id", .foreign = "id",  \
		.link = &by, .doc = text                                   \
	}

/* The same, of rows whose changes raise our version and not that column. */
#define MANY_VERSIONED(relation, json, to, by, column, text)               \
	{                                                                  \
		.name = #relation, .member = #json, .kind = RELATION_MANY, \
		.target = &resource_##to, .local = "id", .foreign = "id",  \
		.link = &by, .own_changes = #column, .doc = text           \
	}

/* FILTER(name, path of relations, column for digits, column for text, doc) */
#define FILTER(filter_name, to, digits_column, text_column, about)         \
	{                                                                  \
		.name = #filter_name, .path = to, .digits = digits_column, \
		.text = text_column, .doc = about                          \
	}
/* One that compares a column of the resource itself, whatever the value. */
#define FILTER_EXACT(filter_name, about) \
	FILTER(filter_name, "", #filter_name, #filter_name, about)
/* The newest row of those that share the value of a column. */
#define FILTER_NEWEST(filter_name, column, index, about)             \
	{                                                            \
		.name = #filter_name, .path = "", .newest = #column, \
		.newest_index = #index, .doc = about                 \
	}

/* The same, with what the authentication type of ours needs beside. */
#define MANY_NEEDED(relation, json, to, by, type, text)                    \
	{                                                                  \
		.name = #relation, .member = #json, .kind = RELATION_MANY, \
		.target = &resource_##to, .local = "id", .foreign = "id",  \
		.link = &by, .needs_of = #type, .doc = text                \
	}

#define COLUMNS(table)   .columns = table, .n_columns = N_ELEMENTS(table)
#define RELATIONS(table) .relations = table, .n_relations = N_ELEMENTS(table)
#define RULES(table)     .rules = table, .n_rules = N_ELEMENTS(table)
#define FILTERS(table)   .filters = table, .n_filters = N_ELEMENTS(table)

#endif
