/*
 * src/api/answer_cache.c against a model of what it may give: whatever is done
 * to it, it gives what was put last under a name at that version, or nothing.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <string.h>

#include "caching.h"

#define MODEL_NAMES     40
#define MODEL_COMPANIES 3

struct model {
	uint64_t random;
	struct data_version now[MODEL_COMPANIES];
	struct put {
		struct data_version version;
		size_t len;
		unsigned percent_random;
		uint64_t seed;
	} last[MODEL_COMPANIES][MODEL_NAMES];
	char bytes[BODY_MAX];
};

static unsigned
choose(struct model *m, unsigned n)
{
	return (unsigned)(caching_random(&m->random) >> 33) % n;
}

static struct str
body_of(struct model *m, const struct put *put)
{
	return caching_body(m->bytes, put->len, put->percent_random, put->seed);
}

static void
model_put(struct caching *f, struct model *m, unsigned company, unsigned name)
{
	static const unsigned most[] = { 1, 100, 1500, 5000, 12000, 40000 };
	struct put *put = &m->last[company][name];

	put->version = f->version;
	put->len = choose(m, most[choose(m, N_ELEMENTS(most))]);
	put->percent_random = choose(m, 4) * 33;
	put->seed = caching_random(&m->random);
	caching_put(f, caching_name(f, name), body_of(m, put));
}

static void
model_get(struct caching *f, struct model *m, unsigned company, unsigned name)
{
	const struct put *put = &m->last[company][name];

	if (!caching_get(f, caching_name(f, name)))
		return;
	cr_assert_eq(put->version.company, f->version.company);
	cr_assert_eq(put->version.common, f->version.common);
	cr_assert(str_equal(buf_str(&f->body), body_of(m, put)));
}

/* Mostly a look, often an answer, now and then a change of the data. */
static void
model_step(struct caching *f, struct model *m)
{
	unsigned company = choose(m, MODEL_COMPANIES);
	unsigned name = choose(m, 1 + choose(m, MODEL_NAMES));
	unsigned what = choose(m, 100);

	if (what == 0)
		m->now[company].company++;
	if (what == 1 && choose(m, 10) == 0)
		for (unsigned i = 0; i < MODEL_COMPANIES; i++)
			m->now[i].common++;
	f->version = m->now[company];
	if (what < 40)
		model_put(f, m, company, name);
	else
		model_get(f, m, company, name);
}

static void
run_model(size_t max, unsigned steps, double least_hits)
{
	struct caching f;
	static struct model m;
	struct answer_cache_counters counters;

	memset(&m, 0, sizeof(m));
	m.random = 88172645463325252u + max;
	for (unsigned i = 0; i < MODEL_COMPANIES; i++)
		m.now[i].company_id = i + 1;
	caching_begin(&f, max);
	for (unsigned i = 0; i < steps; i++) {
		model_step(&f, &m);
		cr_assert_leq(
		    caching_bytes(&f), max, "%zu bytes, step %u", max, i);
	}
	counters = answer_cache_counters(f.cache);
	cr_expect_geq((double)counters.hits,
	    least_hits * (double)(counters.hits + counters.misses),
	    "%zu bytes: %ju of %ju", max, (uintmax_t)counters.hits,
	    (uintmax_t)(counters.hits + counters.misses));
	caching_end(&f);
}

Test(cache, gives_nothing_but_what_was_put_last)
{
	run_model(256 << 10, 100000, 0.5);
}

Test(cache, of_any_size_gives_nothing_but_what_was_put_last)
{
	static const size_t sizes[] = { 1, 8, 24, 100, 1000, 4096, 8191, 20001,
		65537, 131080 };

	for (size_t i = 0; i < N_ELEMENTS(sizes); i++)
		run_model(sizes[i], 5000, 0);
}
