import { array } from "@etude/tensor";
import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { imageSheet } from "./imageSheet.ts";
import { decodeImage, encodePng, type Image, withChannels } from "./images.ts";
import { resizeImage } from "./resize.ts";

/** Files as Pillow 13.0.0 writes them. */
const files = {
  gray: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAAAAAA+i0toAAAADElEQVR4nGNgaPgPAAIDAYAkYfWXAAAAAElFTkSuQmCC",
  rgba: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGNgZGJm+fX7z38AChUD+6U+YU8AAAAASUVORK5CYII=",
  la: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR4nGPg5DjBAAAB0QDaPGjcfgAAAABJRU5ErkJggg==",
  g16: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABEAAAAABuG5crAAAAD0lEQVR4nGNgYGho+P8fAAaEAv9GYN62AAAAAElFTkSuQmCC",
  bit: "iVBORw0KGgoAAAANSUhEUgAAAAkAAAACAQAAAACiLct+AAAADklEQVR4nGPceJ7BjwEAB1kB0Af1zMQAAAAASUVORK5CYII=",
  palette:
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAABAgMAAABrkIxgAAAACVBMVEX/AAAA/wAAAP8tSs2KAAAAC0lEQVR4nGOQZAAAADUAGhkKWvQAAAAASUVORK5CYII=",
  "palette alpha":
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAABAgMAAABrkIxgAAAACVBMVEX/AAAA/wAAAP8tSs2KAAAAAnRSTlP/AOW3MEoAAAALSURBVHicY5BkAAAANQAaGQpa9AAAAABJRU5ErkJggg==",
  key: "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABCAIAAAB2XpiaAAAABnRSTlMABAAFAAZ0jsaPAAAAFUlEQVR4nGNkZGJmZmZmYGBkYPgPAAGlARFlBNF4AAAAAElFTkSuQmCC",
  "gray jpeg":
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APzf/Zt/Zt/49/8AQPT+Gv0A/Zt/Zt/49/8AQPT+Gj9m39m3/j3/ANA9P4a/QD9m39m3/j3/ANA9P4a//9k=",
  jpeg: "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD4g8E/sqfcxpv/AI5X+j3jFxh/E97ufIeFXHv8P3+x6/4J/ZU+5/xLv/Ha/wAqfGHjD+J73c/0q8KuPf4fv9j7O8E/sqfc/wCJb/45X9WeMPGH8T3u5/z/APhVx7/D9/sev+Cf2VPuf8S3H/Aa/wAqfGLjD+J73c/0q8KuPf4fv9j/2Q==",
};

const file = (name: keyof typeof files) =>
  Uint8Array.from(atob(files[name]), (character) => character.charCodeAt(0));

const image = (
  width: number,
  height: number,
  channels: Image["channels"],
  data: ArrayLike<number>,
) => ({
  width,
  height,
  channels,
  data: Uint8Array.from(data),
});

group("decodeImage", () => {
  test.each<[keyof typeof files, Omit<Image, "data">, number[]]>([
    ["gray", { width: 3, height: 1, channels: 1 }, [0, 128, 255]],
    ["rgba", { width: 2, height: 1, channels: 4 }, [1, 2, 3, 4, 250, 251, 252, 255]],
    ["la", { width: 2, height: 1, channels: 2 }, [9, 8, 200, 0]],
    ["g16", { width: 3, height: 1, channels: 1 }, [0, 128, 255]],
    [
      "bit",
      { width: 9, height: 2, channels: 1 },
      [255, 0, 255, 255, 0, 0, 0, 255, 255, 0, 255, 0, 0, 255, 255, 255, 0, 0],
    ],
    [
      "palette",
      { width: 5, height: 1, channels: 3 },
      [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0],
    ],
    [
      "palette alpha",
      { width: 5, height: 1, channels: 4 },
      [255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255, 255, 0, 255, 0, 0, 255, 0, 0, 255],
    ],
    [
      "key",
      { width: 4, height: 1, channels: 4 },
      [1, 2, 3, 255, 4, 5, 6, 0, 4, 5, 7, 255, 4, 5, 6, 0],
    ],
  ])("PNG: %s", (name, size, values) => {
    expect(decodeImage(file(name))).toEqual({ ...size, data: Uint8Array.from(values) });
  });

  test("JPEG loses a little, and gray stays gray", () => {
    const gray = decodeImage(file("gray jpeg"));
    expect(gray).toMatchObject({ width: 16, height: 16, channels: 1 });
    const color = decodeImage(file("jpeg"));
    expect(color).toMatchObject({ width: 16, height: 16, channels: 3 });
    let [grayError, colorError] = [0, 0];
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const at = y * 16 + x;
        grayError = Math.max(grayError, Math.abs(gray.data[at] - 8 * (x + y)));
        [16 * x, 16 * y, 255 - 16 * x].forEach((value, c) => {
          colorError = Math.max(colorError, Math.abs(color.data[3 * at + c] - value));
        });
      }
    }
    expect(grayError).toBeLessThanOrEqual(2);
    expect(colorError).toBeLessThanOrEqual(8);
  });

  test("what cannot be decoded is named", () => {
    expect(() => decodeImage(Uint8Array.of(0x47, 0x49, 0x46), "cat.gif")).toThrow(
      "cat.gif: this is no picture in PNG or JPEG; convert it to one of these",
    );
    expect(() => decodeImage(file("rgba").subarray(0, 60), "cat.png")).toThrow(
      /^cat.png: the PNG picture of 60 bytes cannot be decoded \(.+\)$/,
    );
    expect(() => decodeImage(file("jpeg").subarray(0, 400), "cat.jpg")).toThrow(
      /^cat.jpg: the JPEG picture of 400 bytes cannot be decoded \(.+\)$/,
    );
    const damaged = file("gray");
    damaged[50] ^= 1;
    expect(() => decodeImage(damaged, "cat.png")).toThrow("cat.png: the PNG picture");
  });
});

const anyImage = fc
  .record({
    width: fc.integer({ min: 1, max: 6 }),
    height: fc.integer({ min: 1, max: 6 }),
    channels: fc.constantFrom<Image["channels"][]>(1, 2, 3, 4),
  })
  .chain(({ width, height, channels }) => {
    const size = width * height * channels;
    return fc
      .uint8Array({ minLength: size, maxLength: size })
      .map((data): Image => image(width, height, channels, data));
  });

test("a picture written as PNG is read back", () => {
  fc.assert(
    fc.property(anyImage, (picture) => {
      expect(decodeImage(encodePng(picture))).toEqual(picture);
    }),
    { numRuns: 100, seed: 1 },
  );
});

group("withChannels", () => {
  test("gray is the luma of a color, and colors of gray are equal", () => {
    const colors = image(3, 1, 3, [255, 0, 0, 0, 255, 0, 10, 20, 30]);
    expect(withChannels(colors, 1).data).toEqual(Uint8Array.of(76, 150, 18));
    expect(withChannels(image(1, 1, 1, [7]), 4).data).toEqual(Uint8Array.of(7, 7, 7, 255));
  });

  test("transparency goes to white, and stays where it can", () => {
    const half = image(2, 1, 4, [0, 100, 200, 0, 0, 100, 200, 51]);
    expect(withChannels(half, 3).data).toEqual(Uint8Array.of(255, 255, 255, 204, 224, 244));
    expect(withChannels(half, 2).data).toEqual(Uint8Array.of(82, 0, 82, 51));
  });
});

group("resizeImage", () => {
  test("shrinking averages what a new pixel covers", () => {
    const picture = image(4, 2, 1, [0, 10, 20, 30, 40, 50, 60, 70]);
    expect(resizeImage(picture, 2, 1).data).toEqual(Uint8Array.of(25, 45));
    // Of three pixels, two new ones get one and a half each.
    expect(resizeImage(image(3, 1, 1, [0, 90, 240]), 2, 1).data).toEqual(Uint8Array.of(30, 190));
  });

  test("growing interpolates between the centres of pixels", () => {
    expect(resizeImage(image(2, 1, 1, [0, 100]), 4, 1).data).toEqual(Uint8Array.of(0, 25, 75, 100));
    expect(resizeImage(image(1, 1, 3, [1, 2, 3]), 2, 1).data).toEqual(
      Uint8Array.of(1, 2, 3, 1, 2, 3),
    );
  });

  test("one color stays one color, and no value leaves the range of the old ones", () => {
    fc.assert(
      fc.property(
        anyImage,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (picture, width, height) => {
          const resized = resizeImage(picture, width, height);
          expect(resized.data.length).toBe(width * height * picture.channels);
          for (let c = 0; c < picture.channels; c++) {
            const channel = ({ data }: Image) => data.filter((_, i) => i % picture.channels === c);
            expect(Math.min(...channel(resized))).toBeGreaterThanOrEqual(
              Math.min(...channel(picture)),
            );
            expect(Math.max(...channel(resized))).toBeLessThanOrEqual(
              Math.max(...channel(picture)),
            );
          }
        },
      ),
      { numRuns: 200, seed: 2 },
    );
  });

  test("a size that is none is refused", () => {
    expect(() => resizeImage(image(1, 1, 1, [0]), 0, 2)).toThrow(
      "a picture cannot be 0 x 2; give whole numbers from 1",
    );
  });
});

group("imageSheet", () => {
  test("pictures stand row by row on white, each pixel enlarged", () => {
    const three = array([[[0, 1]], [[0.5, 2]], [[-1, 0]]]);
    const sheet = decodeImage(imageSheet(three, { columns: 2, zoom: 2 }));
    const first = [0, 0, 255, 255, 255, 128, 128, 255, 255];
    const last = [0, 0, 0, 0, 255, 255, 255, 255, 255];
    const gap = new Array(9).fill(255);
    expect(sheet).toEqual(image(9, 5, 1, [...first, ...first, ...gap, ...last, ...last]));
  });

  test("channels of an array come first, those of a picture last; gray and colors mix", () => {
    const colors = decodeImage(imageSheet(array([[[[0]], [[1]], [[0.2]]]])));
    expect(colors).toEqual(image(1, 1, 3, [0, 255, 51]));
    const mixed = imageSheet([image(1, 1, 1, [9]), image(1, 1, 3, [1, 2, 3])], { gap: 0 });
    expect(decodeImage(mixed)).toEqual(image(2, 1, 3, [9, 9, 9, 1, 2, 3]));
  });

  test("errors", () => {
    expect(() => imageSheet([])).toThrow("imageSheet: there is no picture");
    expect(() => imageSheet([image(1, 1, 1, [0]), image(2, 1, 1, [0, 0])])).toThrow(
      "imageSheet: a picture is 2 x 1, the first 1 x 1; resize them to one size",
    );
    expect(() => imageSheet(array([[1, 2]]))).toThrow("this array is [1, 2]");
  });
});
