/*
 * Workers die with their parent; one that ends is not replaced.
 */
#include <config.h>

#include "prefork.h"

#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int
prefork(int argc, char **argv)
{
	long workers = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	int listener;

	if (workers < 1)
		exit(2);
	unlink(argv[1]);
	FCGX_Init();
	listener = FCGX_OpenSocket(argv[1], 1024);
	if (listener < 0)
		exit(1);
	chmod(argv[1], 0666);
	for (long i = 0; i < workers; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			return listener;
		}
	while (wait(NULL) > 0)
		continue;
	exit(0);
}
