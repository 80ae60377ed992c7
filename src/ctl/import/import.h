/*
 * What the files of the import share: the state of one run, one batch of rows,
 * and the steps that a batch goes through, in the order in which they stand
 * here. For files of this folder, and for export.c.
 *
 * A fault of a row is reported (import_row_fail) and the row marked as refused;
 * the step goes on with the other rows and returns OK, so that all faults of a
 * file are reported at once. An error that a step returns ends the run.
 */
#ifndef CTL_IMPORT_IMPORT_H
#define CTL_IMPORT_IMPORT_H

#include "base/buf.h"
#include "ctl/ctl.h"
#include "ctl/import/map.h"
#include "ctl/import/row.h"
#include "ctl/when.h"

#define IMPORT_BATCH 512 /* rows a statement; a power of two */
/* Kinds of what owns variables: at least as many as list_model_types has. */
#define IMPORT_OWNERS 4

/* One table of the file. */
struct import_table {
	struct str array; /* its text; {NULL, 0}: not in the file */
	size_t counts[IMPORT_FATE__MAX];
	struct import_map seen;    /* keys of rows, to their index */
	struct import_map refused; /* keys of rows that were refused */
	bool has_unknown;          /* rows of unknown key were refused */
	bool is_broken;            /* in the file, and no array of rows */
};

/* A certificate row that names its connector. */
struct import_link {
	int64_t connector;
	int64_t certificate;
	int64_t company;
	size_t index;   /* of the certificate's row */
	bool is_met;    /* the connector's row was in the file too */
	bool is_agreed; /* and names the certificate itself */
};

/* A connector row with a certificate that names another connector. */
struct import_claim {
	size_t index; /* of the connector's row */
	size_t link;  /* of the certificate, its place in the links */
};

/* One run, in one transaction. */
struct import {
	struct ctl *ctl;
	struct db *db;
	struct import_reader *reader;
	struct import_table *tables; /* as resources[] */
	char now[WHEN_SIZE];
	bool is_dry;       /* nothing is to stay */
	bool is_empty;     /* the present table was, so nothing is stored */
	bool is_contested; /* a unique value is taken, maybe by another
			    * import that runs */
	/* For the line of progress. */
	size_t bytes_done; /* of the tables before */
	const char *table_name;
	/* What later tables need of earlier ones. */
	struct import_map made;    /* ids of new connectors */
	struct import_map added;   /* how many, by the id of their company */
	struct import_map touched; /* of those that changed in any way */
	struct import_map apps;    /* ids of platform apps by their key */
	/* Whose variables changed: ids, by the place in list_model_types. */
	struct import_map owners[IMPORT_OWNERS];
	struct import_link *links; /* owned */
	size_t n_links;
	struct import_claim *claims; /* owned */
	size_t n_claims;
	struct import_map link_by_connector;   /* to the place in links */
	struct import_map link_by_certificate; /* the same */
};

/* Rows of one table on their way together. */
struct import_batch {
	struct arena *arena; /* of all values; reset after the batch */
	const struct resource *resource;
	size_t n;
	struct import_row rows[IMPORT_BATCH];
};

/*
 * batch.c: reads all rows of a table's array and takes them through the
 * steps below, a batch at a time. after_batch is called with the bytes of the
 * array that are done.
 */
enum error import_table(struct import *, const struct resource *,
    struct import_table *, void (*after_batch)(struct import *, const char *),
    struct problem *reterr);

/* A number that stands for a key: itself if it is one integer, else a 64-bit
 * hash. */
int64_t import_key(struct arena *, const struct value *values, size_t n);
/* The same for the key columns of a row. */
int64_t import_row_key(
    struct arena *, const struct resource *, const struct value *values);

/* OK in place of an error that a row was refused for. */
static inline enum error
import_go_on(enum error error)
{
	return error == ERROR_INVALID ? OK : error;
}

/* batch.c: the table of the file that has a resource's rows. */
struct import_table *import_table_of(struct import *, const struct resource *);

/* Whether a row that is not there may be one that was refused, so that it is no
 * fault to name it. */
bool import_may_be_refused(
    struct import *, const struct resource *, int64_t key);

/* checks.c: what a table needs before its references are looked at. */
enum error import_prepare(
    struct import *, struct import_batch *, struct problem *reterr);

/* references.c: every reference names a row, and of no other company. */
enum error import_check_references(
    struct import *, struct import_batch *, struct problem *reterr);

/* store.c: sets import->is_empty for a table. */
enum error import_look_for_rows(struct import *, struct arena *,
    const struct resource *, struct problem *reterr);

/* store.c: finds and locks the stored rows (row->stored). */
enum error import_load_stored(
    struct import *, struct import_batch *, struct problem *reterr);

/* checks.c: what can be said only once a row has all its values. */
enum error import_check_filled(
    struct import *, struct import_batch *, struct problem *reterr);

/* secrets.c: seals what is secret, keeps what is equal or masked. */
enum error import_seal(
    struct import *, struct import_batch *, struct problem *reterr);

/* store.c: inserts and updates by row->fate. */
enum error import_store(
    struct import *, struct import_batch *, struct problem *reterr);

/* checks.c: notes which connectors the batch touched. */
enum error import_note_touched(
    struct import *, struct import_batch *, struct problem *reterr);

/* checks.c: after the last table: what only all rows together say, links
 * to connectors that were not in the file, versions. */
enum error import_finish(struct import *, struct problem *reterr);

/* links.c: certificates and connectors that name each other: notes what
 * the rows of a batch say; judges it when all is stored; stores what is left.
 */
void import_note_link(struct import *, const struct import_batch *,
    struct import_row *, struct problem *reterr);
void import_take_link(struct import *, const struct import_batch *,
    struct import_row *, struct problem *reterr);
enum error import_check_links(struct import *, struct problem *reterr);
enum error import_store_links(struct import *, struct problem *reterr);

/* owners.c: notes whose variables a batch changes; judges what owners
 * have when all is stored. */
enum error import_note_owners(
    struct import *, struct import_batch *, struct problem *reterr);
enum error import_check_owners(struct import *, struct problem *reterr);

/* provided.c: rows that migrate put in by itself make room for those of the
 * file with their id or key, unless something refers to them. */
enum error import_drop_provided(
    struct import *, struct import_batch *, struct problem *reterr);

/* certificate.c: reads certificate contents; fills fingerprint and
 * expiry. */
void import_read_certificates(struct import_batch *, struct problem *reterr);

/* sql.c: building statement text, and running one. */
/* The quoted names of the columns that an import writes, by commas; or only of
 * those of the key. */
void import_add_columns(struct buf *, const struct resource *, bool only_keys);
/* Runs `before`, places for n ids (1 to IMPORT_BATCH of them, in an array that
 * has room for IMPORT_BATCH: they are padded in it), `behind`. */
enum error import_ask(struct import *, struct arena *, const char *before,
    const char *behind, struct value *ids, size_t n, struct rows *ret,
    struct problem *reterr);

#endif
