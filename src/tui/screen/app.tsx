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
  /** Weight and reverse only, whatever theme is chosen: NO_COLOR. */
  readonly isMono: boolean;
}

/** The screen: one line of the frame in each line, and one line less than the terminal has. */
export function App({ store, size, isMono }: AppProps): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const theme = themeOf(isMono ? "mono" : state.theme, state);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      {frame(state, size).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen has no other name than its place
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

/** Ink keeps every text that it has laid out, for ever: it is given one blank, and the words come in afterwards. */
function Line({ line, columns, theme }: LineProps): ReactElement {
  return (
    <Box width={columns} height={1}>
      <Transform transform={() => paint(line, columns, theme)}>
        <Text wrap="truncate">{" ".repeat(columns)}</Text>
      </Transform>
    </Box>
  );
}
