/*
 * The limit of a process's memory.
 */
#include <config.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/process.h"

#if !defined(__SANITIZE_ADDRESS__)
Test(process, memory_has_a_limit)
{
	const size_t mebi = 1024 * 1024;
	int status;
	pid_t child = fork();

	if (child == 0) {
		char *volatile small, *volatile large;

		process_limit_memory(8 * mebi);
		small = malloc(4 * mebi);
		large = malloc(16 * mebi);
		_exit(small != NULL && large == NULL ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif
