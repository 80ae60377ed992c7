/*
 * What the text of an included row depends on beside the data.
 */
#ifndef ENGINE_SHAPE_H
#define ENGINE_SHAPE_H

#include "engine/query.h"

/*
 * A text that two includes share only if the same rows have the same JSON under
 * both: the includes below them in their order, and the columns that the
 * queries keep of each. Good as long as the program runs. In the arena.
 */
struct str query_shape(
    struct arena *, const struct query *, const struct include *);

#endif
