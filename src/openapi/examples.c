/*
 * Recorded examples.
 */
#include <config.h>

#include "openapi/examples.h"

void
examples_of(const struct out *o, const struct example_place *place)
{
	(void)o;
	(void)place;
}
