/*
 * The text that stands in place of a secret: in answers, in exports, in what a
 * test shows of the place it went to. Sent back as a value it means that the
 * stored secret stays. Nothing else in the program may spell it.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#define SECRET_MASK "********"

#endif
