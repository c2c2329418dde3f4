/* CRC-32C (Castagnoli; RFC 3720, B.4), by the processor's instruction where it has one. */
#ifndef WIRE_CRC32C_H
#define WIRE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const uint8_t *bytes, size_t len);
uint32_t crc32c_table(const uint8_t *bytes, size_t len); /* the same without the instruction */

#endif
