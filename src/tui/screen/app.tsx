// The frame as Ink components.
import { Box, Text, Transform } from "ink";
import { type ReactElement, useSyncExternalStore } from "react";
import { paint, type ScreenLine, type Theme } from "../lines/screen-line.ts";
import { themeOf } from "../lines/theme.ts";
import type { Size } from "../model/layout.ts";
import { frame } from "../view/frame.ts";
import type { ScreenStore } from "./screen-store.ts";

export interface AppProps {
  readonly store: ScreenStore;
  readonly size: Size;
  /** NO_COLOR: weight and reverse only, instead of the chosen theme. */
  readonly isMono: boolean;
}

/** The screen: one component for each line of the frame, one line less than the terminal. */
export function App({ store, size, isMono }: AppProps): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const theme = themeOf(isMono ? "mono" : state.theme, state);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      {frame(state, size).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is identified by its position only
        <Line key={index} line={line} columns={size.columns} theme={theme} />
      ))}
    </Box>
  );
}

interface LineProps {
  readonly line: ScreenLine;
  readonly columns: number;
  readonly theme: Theme;
}

/** Ink caches every text that it lays out, without limit: it gets the same blanks each time, and `Transform` paints the line. */
function Line({ line, columns, theme }: LineProps): ReactElement {
  return (
    <Box width={columns} height={1}>
      <Transform transform={() => paint(line, columns, theme)}>
        <Text wrap="truncate">{" ".repeat(columns)}</Text>
      </Transform>
    </Box>
  );
}
