/** The taps of one axis of a kernel that see an element of the image at some place, and the padding left. */
export interface LiveTaps {
  readonly first: number;
  readonly count: number;
  readonly before: number;
  readonly after: number;
}

export function isLive({ first, count }: LiveTaps, tap: number): boolean {
  return tap >= first && tap < first + count;
}

/**
 * All taps but those at both ends that only ever see padding. All of them where none sees anything, or where
 * the image would have to be cut to leave some out.
 */
export function liveTaps(axis: {
  readonly kernel: number;
  /** Elements of the image. */
  readonly size: number;
  /** Places of the kernel. */
  readonly count: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}): LiveTaps {
  const { kernel, size, count, stride, dilation, before, after } = axis;
  const all: LiveTaps = { first: 0, count: kernel, before, after };
  const sees = (tap: number) =>
    Array.from({ length: count }, (_, place) => place * stride + tap * dilation - before).some(
      (at) => at >= 0 && at < size,
    );
  const live = Array.from({ length: kernel }, (_, tap) => sees(tap));
  const first = live.indexOf(true);
  if (first < 0) return all;
  const last = live.lastIndexOf(true);
  const left = {
    first,
    count: last - first + 1,
    before: before - first * dilation,
    after: after - (kernel - 1 - last) * dilation,
  };
  return left.before < 0 || left.after < 0 ? all : left;
}
