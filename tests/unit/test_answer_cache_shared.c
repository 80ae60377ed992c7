/*
 * src/api/answer_cache.c in several processes: those that are killed or stopped
 * at any instruction, and one that writes where it should not.
 */
#include <config.h>

#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "caching.h"

#define PROCESSES   4
#define NAMES       60
#define COMPANIES   3
#define STEPS       20000
#define KILLED      300 /* processes, one of them at work in the cache */
#define KILLED_MOST 5000
#define STOPS       40
#define SECOND      UINT64_C(1000000)

/* What the processes tell the test. */
struct shared {
	atomic_uint wrong; /* answers that nobody put there */
	atomic_uint hits, steps;
	atomic_uint abandoned, damaged; /* as counted by each */
};

/* One process. */
struct using
{
	struct caching *f;
	struct shared *shared;
	uint64_t random;
	char bytes[BODY_MAX];
	char etag[64];
};

static unsigned
choose(struct using *u, unsigned n)
{
	return (unsigned)(caching_random(&u->random) >> 33) % n;
}

/* All of what is kept under a name follows from name and version. */
static struct str
body_of(struct using *u, unsigned name)
{
	static const size_t most[] = { 1, 100, 1500, 5000, 12000, 40000 };
	const struct data_version *v = &u->f->version;
	uint64_t seed = (uint64_t)(name + 1000 * v->company_id +
				   100000 * v->company + 10000000 * v->common);
	size_t len = seed * 31 % most[seed % N_ELEMENTS(most)] + 8;

	caching_body(u->bytes, len, seed % 4 * 33, seed);
	memcpy(u->bytes, &seed, sizeof(seed));
	snprintf(
	    u->etag, sizeof(u->etag), "\"%llu\"", (unsigned long long)seed);
	return (struct str){ u->bytes, len };
}

static void
put(struct using *u, unsigned name)
{
	struct str body = body_of(u, name);

	arena_reset(u->f->arena);
	answer_cache_put(u->f->cache, &u->f->version, caching_name(u->f, name),
	    body, str_of(u->etag));
}

static bool
get(struct using *u, unsigned name)
{
	struct str body;

	if (!caching_get(u->f, caching_name(u->f, name)))
		return false;
	body = body_of(u, name);
	if (!str_equal(buf_str(&u->f->body), body) ||
	    !str_equal_text(u->f->kept.etag, u->etag))
		atomic_fetch_add(&u->shared->wrong, 1);
	return true;
}

/* Data change all the time, and not every process knows it at once. */
static void
step(struct using *u, unsigned now)
{
	struct answer_cache_counters before =
	    answer_cache_counters(u->f->cache);
	struct answer_cache_counters after;
	unsigned name = choose(u, 1 + choose(u, NAMES));

	u->f->version = (struct data_version){ 1 + choose(u, COMPANIES),
		1 + now / 500 + choose(u, 2), 1 + now / 3000 };
	if (choose(u, 100) < 60)
		atomic_fetch_add(&u->shared->hits, get(u, name));
	else
		put(u, name);
	after = answer_cache_counters(u->f->cache);
	atomic_fetch_add(
	    &u->shared->abandoned, after.abandoned - before.abandoned);
	atomic_fetch_add(&u->shared->damaged, after.damaged - before.damaged);
	atomic_fetch_add(&u->shared->steps, 1);
}

/* A process that takes so many steps; they go on where all of them are. */
static pid_t
start(struct caching *f, struct shared *shared, uint64_t seed, unsigned steps)
{
	static struct using u;
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (pid > 0)
		return pid;
	u = (struct using){ .f = f, .shared = shared, .random = seed };
	for (unsigned i = 0; i < steps; i++)
		step(&u, atomic_load(&shared->steps) / PROCESSES);
	_exit(0);
}

struct sharing {
	struct caching f;
	struct shared *shared;
	struct using own;
};

static void
sharing_begin(struct sharing *s, size_t max)
{
	caching_begin(&s->f, max);
	s->shared = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(s->shared, MAP_FAILED);
	s->own = (struct using){
		.f = &s->f, .shared = s->shared, .random = 88172645463325252u
	};
}

static void
sharing_end(struct sharing *s)
{
	cr_expect_eq(atomic_load(&s->shared->wrong), 0);
	munmap(s->shared, sizeof(*s->shared));
	caching_end(&s->f);
}

/* What is put now is found now. */
static void
check_usable(struct sharing *s)
{
	struct using *u = &s->own;

	u->f->version = (struct data_version){ 1, 1000000, 1000000 };
	put(u, 1);
	cr_expect(get(u, 1));
}

static void
end_process(pid_t pid, int number)
{
	kill(pid, number);
	waitpid(pid, NULL, 0);
}

Test(shared_cache, an_answer_of_one_process_is_anothers)
{
	static struct sharing s;
	int status;
	pid_t child;

	sharing_begin(&s, 256 << 10);
	child = fork();
	if (child == 0) {
		put(&s.own, 7);
		_exit(0);
	}
	waitpid(child, &status, 0);
	cr_expect_eq(status, 0);
	cr_expect(get(&s.own, 7));
	cr_expect_gt(caching_bytes(&s.f), 0);
	cr_expect_eq(answer_cache_counters(s.f.cache).hits, 1);
	cr_expect_eq(answer_cache_counters(s.f.cache).misses, 0);
	sharing_end(&s);
}

Test(shared_cache, gives_many_processes_nothing_but_what_was_put)
{
	static const size_t sizes[] = { 2000, 30001, 256 << 10, 4 << 20 };

	for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
		static struct sharing s;
		pid_t pids[PROCESSES];
		int status;

		sharing_begin(&s, sizes[i]);
		for (unsigned p = 0; p < PROCESSES; p++)
			pids[p] = start(&s.f, s.shared, 1000 + p, STEPS);
		for (unsigned p = 0; p < PROCESSES; p++) {
			waitpid(pids[p], &status, 0);
			cr_expect_eq(status, 0);
		}
		cr_expect_leq(caching_bytes(&s.f), sizes[i]);
		cr_expect_eq(atomic_load(&s.shared->damaged), 0);
		if (sizes[i] > 100000) {
			cr_expect_gt(atomic_load(&s.shared->hits), STEPS / 10);
			check_usable(&s);
		}
		sharing_end(&s);
	}
}

Test(shared_cache, outlives_processes_that_are_killed, .timeout = 60)
{
	static struct sharing s;
	pid_t pids[PROCESSES];
	uint64_t seed = 1;

	sharing_begin(&s, 256 << 10);
	for (unsigned p = 0; p < PROCESSES; p++)
		pids[p] = start(&s.f, s.shared, seed++, UINT32_MAX);
	for (unsigned killed = 0;
	     killed < KILLED ||
	     (killed < KILLED_MOST && atomic_load(&s.shared->abandoned) == 0);
	     killed++) {
		unsigned victim = choose(&s.own, PROCESSES);

		usleep(choose(&s.own, 2000));
		end_process(pids[victim], SIGKILL);
		pids[victim] = start(&s.f, s.shared, seed++, UINT32_MAX);
		step(&s.own, atomic_load(&s.shared->steps) / PROCESSES);
	}
	for (unsigned p = 0; p < PROCESSES; p++)
		end_process(pids[p], SIGKILL);
	check_usable(&s);
	cr_expect_gt(atomic_load(&s.shared->hits), 0);
	cr_expect_gt(atomic_load(&s.shared->abandoned), 0,
	    "none was killed at work in the cache");
	cr_expect_eq(atomic_load(&s.shared->damaged), 0);
	sharing_end(&s);
}

/* Looks and keeps a thousand times; returns how long it took. */
static uint64_t
time_of_use(struct sharing *s, unsigned *missed)
{
	uint64_t begun = time_monotonic();

	for (unsigned i = 0; i < 500; i++) {
		s->f.version = (struct data_version){ 1, 1, 1 };
		put(&s->own, i % 10);
		*missed += !get(&s->own, i % 10);
	}
	return time_monotonic() - begun;
}

Test(shared_cache, is_done_without_while_a_stopped_process_holds_it,
    .timeout = 60)
{
	static struct sharing s;
	unsigned times_missed = 0;
	pid_t other;

	sharing_begin(&s, 1 << 20);
	other = start(&s.f, s.shared, 1, UINT32_MAX);
	for (unsigned i = 0; i < STOPS; i++) {
		unsigned missed = 0;
		int status;

		usleep(choose(&s.own, 3000));
		kill(other, SIGSTOP);
		waitpid(other, &status, WUNTRACED);
		cr_expect_lt(time_of_use(&s, &missed), SECOND);
		times_missed += missed > 400;
		kill(other, SIGCONT);
	}
	end_process(other, SIGKILL);
	cr_expect_gt(times_missed, 0, "it never held it");
	check_usable(&s);
	sharing_end(&s);
}

/* The mapping, found by its size as the system tells it. */
static char *
memory_of(size_t max)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256], *found = NULL;
	unsigned long from, to;

	cr_assert_not_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, " rw-s ") != NULL &&
		    sscanf(line, "%lx-%lx", &from, &to) == 2 &&
		    to - from == max)
			found = (char *)from; /* NOLINT */
	fclose(maps);
	cr_assert_not_null(found);
	return found;
}

#define DAMAGED_MAX 0x13000 /* whole pages, and nothing else has so many */
#define LOCK_END    64

static void
use_all(struct sharing *s)
{
	for (unsigned company = 1; company <= COMPANIES; company++) {
		s->f.version = (struct data_version){ company, 1, 1 };
		for (unsigned i = 0; i < 6; i++)
			get(&s->own, i);
	}
	put(&s->own, choose(&s->own, 6));
	s->f.version.company_id = 1;
	put(&s->own, choose(&s->own, 6));
}

static void
fill(struct sharing *s)
{
	for (unsigned i = 0; i < 6 * COMPANIES; i++) {
		s->f.version = (struct data_version){ 1 + i % COMPANIES, 1, 1 };
		put(&s->own, i / COMPANIES);
	}
}

static uint64_t
damaged_word(struct using *u, uint64_t word)
{
	switch (choose(u, 5)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return word ^ UINT64_C(1) << choose(u, 64);
	case 3: /* another position or length */
		return choose(u, DAMAGED_MAX) / 16 * 16;
	default:
		return caching_random(&u->random);
	}
}

/* Every word of it, and some at random together. */
Test(shared_cache, finds_what_was_damaged, .timeout = 120)
{
	static struct sharing s;
	char *memory;

	sharing_begin(&s, DAMAGED_MAX);
	memory = memory_of(DAMAGED_MAX);
	for (size_t at = LOCK_END; at < DAMAGED_MAX; at += sizeof(uint64_t)) {
		unsigned n =
		    choose(&s.own, 4) == 0 ? 1 + choose(&s.own, 50) : 1;
		size_t where = at;

		if (at % 64 == 0)
			fill(&s);
		for (unsigned i = 0; i < n; i++) {
			uint64_t *word = (uint64_t *)(void *)(memory + where);

			*word = damaged_word(&s.own, *word);
			where = LOCK_END +
				choose(&s.own, DAMAGED_MAX - LOCK_END) / 8 * 8;
		}
		use_all(&s);
	}
	cr_expect_gt(answer_cache_counters(s.f.cache).damaged, 100);
	cr_expect_gt(answer_cache_counters(s.f.cache).hits, 1000);
	check_usable(&s);
	sharing_end(&s);
}

/* An answer that is said to be the next one of its own bucket: any word before
 * its name may be what says so. */
Test(shared_cache, finds_no_end_of_a_circle, .timeout = 15)
{
	static struct sharing s;
	char *memory, *name;

	sharing_begin(&s, DAMAGED_MAX);
	memory = memory_of(DAMAGED_MAX);
	for (unsigned i = 0; i < 16 * 8; i++) {
		uint64_t *word;

		s.f.version.company++;
		caching_put(&s.f, STR("/circle"), STR("body"));
		name = memmem(
		    memory + LOCK_END, DAMAGED_MAX - LOCK_END, "/circle", 7);
		cr_assert_not_null(name);
		word = (uint64_t *)(void *)(name - (1 + i / 8) * sizeof(*word));
		*word =
		    (size_t)(name - memory - LOCK_END) / 16 * 16 - i % 8 * 16;
		for (unsigned other = 0; other < 1000; other++)
			caching_get(&s.f, caching_name(&s.f, other));
		memset(name, 'x', 7);
	}
	cr_expect_gt(answer_cache_counters(s.f.cache).damaged, 0);
	check_usable(&s);
	sharing_end(&s);
}

/* Where an answer of another company lies, that is not found out by lengths or
 * lists. */
Test(shared_cache, gives_no_company_what_is_anothers)
{
	static struct sharing s;
	char *memory, *mine, *others;

	sharing_begin(&s, DAMAGED_MAX);
	memory = memory_of(DAMAGED_MAX);
	caching_put(&s.f, STR("/a"), STR("<of company 1>"));
	s.f.version.company_id = 2;
	caching_put(&s.f, STR("/a"), STR("<of company 2>"));
	mine = memmem(memory, DAMAGED_MAX, "<of company 2>", 14);
	others = memmem(memory, DAMAGED_MAX, "<of company 1>", 14);
	cr_assert(mine != NULL && others != NULL);
	memcpy(mine, others, 14);
	cr_expect_not(caching_get(&s.f, STR("/a")));
	cr_expect_eq(answer_cache_counters(s.f.cache).damaged, 1);
	cr_expect_eq(caching_bytes(&s.f), 0, "it was not emptied");
	s.f.version.company_id = 1;
	cr_expect_not(caching_get(&s.f, STR("/a")));
	sharing_end(&s);
}

Test(shared_cache, is_not_in_children_that_must_not_have_it)
{
	static struct sharing s;
	char *memory;
	int status;
	pid_t child;

	sharing_begin(&s, DAMAGED_MAX);
	memory = memory_of(DAMAGED_MAX);
	caching_put(&s.f, STR("/a"), STR("body"));
	answer_cache_keep_from_children(s.f.cache);
	child = fork();
	if (child == 0) {
		unsigned char there;

		_exit(mincore(memory, 1, &there) == 0 ? 0 : 42);
	}
	waitpid(child, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	cr_expect(caching_get(&s.f, STR("/a")));
	sharing_end(&s);
}
