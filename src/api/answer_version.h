/*
 * What an answer depends on beside the request.
 */
#ifndef API_ANSWER_VERSION_H
#define API_ANSWER_VERSION_H

#include <stdint.h>

/* Versions only go up. */
struct data_version {
	int64_t company_id;
	int64_t company; /* version of its data */
	int64_t common;  /* version of what all companies share */
};

#endif
