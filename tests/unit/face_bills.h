/* Bills for the tests of the faces: an ordinary one, and others that are made from it. */
#ifndef TESTS_FACE_BILLS_H
#define TESTS_FACE_BILLS_H

#include "face/face.h"

/* "short", "long", "credit", "estimated", "charging", "corrected", "absurd", "empty"; NULL: no such name. In the arena. */
face_bill *face_bill_named(const char *name, const zone *z, arena *a);
extern const char *const face_bill_names[]; /* NULL-ended */

#endif
