/*
 * The names of methods.
 */
#include <config.h>

#include "http/request.h"

#include <assert.h>

static const char *const method_names[] = {
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_PUT] = "PUT",
	[METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE",
	[METHOD_OPTIONS] = "OPTIONS",
};
_Static_assert(N_ELEMENTS(method_names) == METHOD_OTHER, "one name a method");

enum method
method_of(struct str name)
{
	for (unsigned i = 0; i < METHOD_OTHER; i++)
		if (str_equal_text(name, method_names[i]))
			return (enum method)i;
	return METHOD_OTHER;
}

const char *
method_name(enum method method)
{
	assert(method < METHOD_OTHER);
	return method_names[method];
}
