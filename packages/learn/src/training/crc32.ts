/** The cyclic redundancy check of ZIP and PNG: finds every change of up to 32 neighbouring bits. */

/** Remainders of all bytes, for the reflected polynomial 0xedb88320 (ISO 3309). */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let i = 0; i < bytes.length; i++)
    remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]) & 0xff];
  return (remainder ^ 0xffffffff) >>> 0;
}
