// SPDX-License-Identifier: MIT
// Texts that describe a token, a recursion or a view of a trace: shared by tooltips, summaries, the
// inspector and the tables, so that all agree. Pure, any thread. Tokens and recursions count from 0
// here and from 1 on screen.
#pragma once

#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/instrument.h"

#include <optional>
#include <string>
#include <vector>

namespace depthscope::instruments {

/// The run to describe: the main one, or the ghost of the previous one; null if there is neither.
[[nodiscard]] const trace::RunView* shownRun(const trace::TraceView& view);

/// The cursor's place where the run has such a place.
[[nodiscard]] std::optional<int> cursorPlace(const trace::RunView& run, const Cursor& cursor);

[[nodiscard]] bool hasRouter(const trace::RunView& run);

/// "This model has no router: every token runs all 8 layers.", or its recursions, or those inside
/// its experts. Empty where there is one.
[[nodiscard]] std::string noRouterReason(const trace::RunView& run, const scene::TextService& text);

/// With `decimals`, or where scores span decades with two digits.
[[nodiscard]] std::string scoreText(const trace::ScoreRange& range,
                                    double score,
                                    int decimals,
                                    const scene::TextService& text);

/// "router score"; of a looped model "exit probability", of one without a gate "change".
[[nodiscard]] std::string scoreName(const trace::RunView& run, const scene::TextService& text);

/// "random: the score does not decide"; empty where it does.
[[nodiscard]] std::string undecidedReason(const trace::RunView& run,
                                          const scene::TextService& text);

/// There are keys and values to keep, and no cache keeps them.
[[nodiscard]] bool isCacheOff(const trace::KvMemory& kv);
/// "96 KiB of 144 KiB (-33 %)", "no KV cache in use"
[[nodiscard]] std::string kvMemoryText(const trace::KvMemory& kv, const scene::TextService& text);
/// Measured, reserved, predicted and error; without a cache what one would hold.
[[nodiscard]] std::string kvFiguresText(const trace::KvMemory& kv, const scene::TextService& text);

/// The token's text in quotation marks, displayable; a leading space stays a space here.
[[nodiscard]] std::string quoted(const std::string& piece);

/// A showable piece whose leading space is a real one: for text that is read rather than inspected.
[[nodiscard]] std::string readable(const std::string& piece);

/// "2" or "2-3": frames of a clip, from 0 as everywhere.
[[nodiscard]] std::string frameNumbers(trace::FrameSpan frames, const scene::TextService& text);

/// "given" or "predicted": a patch of a clip.
[[nodiscard]] std::string
sideText(const trace::RunView& run, std::size_t place, const scene::TextService& text);

/// The piece of a text, showable ("byte 2 of X" where it is only a part of a character);
/// elsewhere where the place is: "frame 1, row 2, column 3", or
/// "frames 2-3, row 2, column 3" of a clip.
[[nodiscard]] std::string
shownPlace(const trace::RunView& run, std::size_t place, const scene::TextService& text);
/// The same, a piece between quotation marks.
[[nodiscard]] std::string
quotedPlace(const trace::RunView& run, std::size_t place, const scene::TextService& text);

/// "token 17 of 64" of a text, "patch 17 of 64" of a clip, "place 17 of 64" elsewhere
[[nodiscard]] std::string
placeText(const trace::RunView& run, int place, const scene::TextService& text);

/// The first two columns of a table of places: their number and shownPlace. `run` may be null.
[[nodiscard]] std::vector<Table::Column> placeColumns(const trace::RunView* run,
                                                      const scene::TextService& text);
/// Their cells.
[[nodiscard]] std::vector<Table::Cell>
placeCells(const trace::RunView& run, std::size_t place, const scene::TextService& text);

/// "score 0.7342, kept", "exited here", "not considered"
[[nodiscard]] std::string
routingText(const trace::RunView& run, int recursion, int token, const scene::TextService& text);
/// "stays at capacity 12/60 (20 %) or more", "0.12 over the threshold", or that the score does not
/// decide; empty where no rule gives one. A patch of a clip is compared with those of its side.
[[nodiscard]] std::string
marginText(const trace::RunView& run, int recursion, int token, const scene::TextService& text);
/// "1.204 nats, probability 30 %"; "not predicted" for the first token.
[[nodiscard]] std::string
lossText(const trace::RunView& run, int token, const scene::TextService& text);
/// The message of a panel without a run: why there is none, or its own message if a text is needed.
[[nodiscard]] std::string
whyEmpty(const trace::TraceView& view, const std::string& own, const scene::TextService& text);
/// "LIVE" or "RECORDED"
[[nodiscard]] std::string sourceText(const trace::TraceView& view, const scene::TextService& text);
/// As routerMargin of statistics.h, of a patch among those of its side, which are routed apart.
[[nodiscard]] trace::RouterMargin
marginOf(const trace::RunView& run, int recursion, std::size_t place);

/// "tokens: 60, recursions: 3, mean depth 2.00. Tokens left at each recursion: 60, 40, 20."
[[nodiscard]] std::string runSummary(const trace::RunView& run, const scene::TextService& text);

/// A class of the run's set, translated; a dash where it is unknown.
[[nodiscard]] std::string
className(const trace::RunView& run, std::uint8_t number, const scene::TextService& text);

/// With spaces that no line breaks at: "96 KiB" stays together.
[[nodiscard]] std::string unbroken(std::string words);

/// A table cell: nothing for a value that is not a number.
[[nodiscard]] Table::Cell numberCell(double value);

} // namespace depthscope::instruments
