/*
 * Names for tests, put before the C library's own look-up: names under
 * "fake.example" say by themselves what is to be answered.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* An answer with these addresses, comma between. */
static int
answer(const char *list, const char *service, const struct addrinfo *hints,
    struct addrinfo **ret)
{
	lookup *real = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
	char *copy = strdup(list), *rest = copy, *text;
	struct addrinfo **tail = ret;

	*ret = NULL;
	while ((text = strsep(&rest, ",")) != NULL) {
		struct addrinfo numeric = *hints;

		numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
		numeric.ai_family = AF_UNSPEC;
		if (real(text, service, &numeric, tail) == 0)
			while (*tail != NULL)
				tail = &(*tail)->ai_next;
	}
	free(copy);
	return *ret == NULL ? EAI_NONAME : 0;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **ret)
{
	static int calls;
	const char *list = getenv("FAKE_NAMES");

	if (strcmp(name, "slow.fake.example") == 0)
		sleep(30);
	if (strcmp(name, "broken.fake.example") == 0)
		return EAI_AGAIN;
	/* FAKE_NAMES is what the first call gets, then after ';' the next. */
	if (list != NULL && strstr(name, "fake.example") != NULL) {
		char *copy = strdup(list), *rest = copy;
		char *now = strsep(&rest, ";");
		int error;

		for (int i = 0; i < calls && rest != NULL; i++)
			now = strsep(&rest, ";");
		calls++;
		error = answer(now, service, hints, ret);
		free(copy);
		return error;
	}
	return ((lookup *)dlsym(RTLD_NEXT, "getaddrinfo"))(
	    name, service, hints, ret);
}
