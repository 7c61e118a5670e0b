/** Pictures in files as bytes per pixel, and back. */
import {
  convertIndexedToRgb,
  decode as decodePng,
  hasPngSignature,
  encode as writePng,
} from "fast-png";
import jpeg from "jpeg-js";
import { count, reasonOf, refuse } from "./errors.ts";

/** A picture: rows from the top, pixels from the left, the channels of a pixel side by side. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 gray and alpha, 3 red, green and blue, 4 with alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  /** height x width x channels values from 0 to 255. */
  readonly data: Uint8Array;
}

/**
 * A picture from the bytes of a PNG or JPEG file. PNG with any bit depth and palette comes out as 8
 * bits a channel; transparency is a channel; gray JPEG has one channel.
 *
 * @param name what messages call the file
 * @throws DataError when the bytes are neither, or cannot be decoded
 */
export function decodeImage(bytes: Uint8Array, name = "image"): Image {
  const isPng = bytes.length >= 8 && hasPngSignature(bytes.subarray(0, 8));
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg)
    refuse("this is no picture in PNG or JPEG; convert it to one of these", { file: name });
  try {
    return isPng ? fromPng(bytes) : fromJpeg(bytes);
  } catch (error) {
    return refuse(
      `the ${isPng ? "PNG" : "JPEG"} picture of ${count(bytes.length)} bytes cannot be decoded (${reasonOf(error)})`,
      { file: name },
      error,
    );
  }
}

function fromPng(bytes: Uint8Array): Image {
  const png = decodePng(bytes, { checkCrc: true });
  const { width, height, depth, palette, transparency } = png;
  if (palette !== undefined) {
    const channels = palette[0].length === 4 ? 4 : 3;
    return { width, height, channels, data: convertIndexedToRgb(png) };
  }
  const channels = png.channels as Image["channels"];
  const samples = depth < 8 ? unpacked(png.data, width, height, depth) : png.data;
  const largest = 2 ** depth - 1;
  const data = Uint8Array.from(samples, (sample) => Math.round((sample * 255) / largest));
  const image: Image = { width, height, channels, data };
  return transparency === undefined ? image : withColorKey(image, samples, transparency);
}

/** Gray samples of 1, 2 or 4 bits, packed from the high bits down; each row begins with a new byte. */
function unpacked(
  packed: ArrayLike<number>,
  width: number,
  height: number,
  depth: number,
): Uint8Array {
  const samples = new Uint8Array(width * height);
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)];
      samples[y * width + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
    }
  }
  return samples;
}

/** PNG without an alpha channel may declare one color transparent (chunk tRNS). */
function withColorKey(image: Image, samples: ArrayLike<number>, key: ArrayLike<number>): Image {
  const { width, height, channels, data } = image;
  const result = new Uint8Array(width * height * (channels + 1));
  for (let pixel = 0; pixel < width * height; pixel++) {
    let same = true;
    for (let c = 0; c < channels; c++) {
      result[pixel * (channels + 1) + c] = data[pixel * channels + c];
      same &&= samples[pixel * channels + c] === key[c];
    }
    result[pixel * (channels + 1) + channels] = same ? 0 : 255;
  }
  return { width, height, channels: channels === 1 ? 2 : 4, data: result };
}

function fromJpeg(bytes: Uint8Array): Image {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
  });
  const image: Image = { width, height, channels: 3, data };
  return jpegComponents(bytes) === 1 ? withChannels(image, 1) : image;
}

/** Components of a pixel, from the frame header (marker SOFn) of a JPEG file. */
function jpegComponents(bytes: Uint8Array): number | undefined {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes[at + 9];
    at += marker === 0xff ? 1 : 2 + bytes[at + 2] * 256 + bytes[at + 3];
  }
  return undefined;
}

/** The bytes of a PNG file that shows the picture. */
export function encodePng({ width, height, channels, data }: Image): Uint8Array {
  return writePng({ width, height, channels, depth: 8, data });
}

/**
 * A picture with another number of channels. Gray is the luma of ITU-R BT.601, 0.299 red + 0.587
 * green + 0.114 blue; where alpha goes, the picture is laid on white, as viewers show it.
 */
export function withChannels(image: Image, channels: Image["channels"]): Image {
  if (image.channels === channels) return image;
  const { width, height, data } = image;
  const [hadColor, hadAlpha] = [image.channels > 2, image.channels % 2 === 0];
  const [color, alpha] = [channels > 2, channels % 2 === 0];
  const result = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * image.channels;
    const to = pixel * channels;
    const opacity = hadAlpha ? data[from + image.channels - 1] : 255;
    const value = (c: number): number => {
      const shown = data[from + (hadColor ? c : 0)];
      return alpha ? shown : 255 + ((shown - 255) * opacity) / 255;
    };
    if (color) for (let c = 0; c < 3; c++) result[to + c] = Math.round(value(c));
    else result[to] = Math.round(0.299 * value(0) + 0.587 * value(1) + 0.114 * value(2));
    if (alpha) result[to + channels - 1] = opacity;
  }
  return { width, height, channels, data: result };
}
