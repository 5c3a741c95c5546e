/** Contrast of text on its background, as WCAG 2.2 defines it; runs inside of a page. */

export interface FaintText {
  text: string;
  ratio: number;
}

/** Texts below AA: 4.5, or 3 where letters are large. */
export function faintTexts(): FaintText[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const channels = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (front: number[], back: number[]): number[] =>
    [0, 1, 2].map((i) => front[3] * front[i] + (1 - front[3]) * back[i]).concat(1);
  const background = (element: Element | null): number[] => {
    if (!element) return channels(matchMedia("(prefers-color-scheme: dark)").matches ? "#000" : "#fff");
    const own = channels(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, background(element.parentElement));
  };
  const luminance = (color: number[]): number => {
    const linear = color.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  return [...document.querySelectorAll("body *")].flatMap((element) => {
    const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!text || !element.checkVisibility()) return [];
    const style = getComputedStyle(element);
    const behind = background(element);
    const color = element.closest("svg") ? style.fill : style.color;
    const [light, dark] = [luminance(over(channels(color), behind)), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    return ratio < (Number.parseFloat(style.fontSize) >= 24 ? 3 : 4.5)
      ? [{ text: text.textContent!, ratio }]
      : [];
  });
}
