// SPDX-License-Identifier: MIT
// Texts that describe the convergence of a token: shared by CONVERGENCE and TOKEN. Pure, any
// thread. Recursions count from 0 here and from 1 on screen.
#pragma once

#include "widgets/instruments/instrument.h"

#include <cstddef>
#include <string>

namespace depthscope::instruments {

/// "relative change", "KL to the last"; not translated.
[[nodiscard]] const char* quantityName(trace::Quantity quantity);

/// What it means, for a tooltip; not translated.
[[nodiscard]] const char* quantityMeaning(trace::Quantity quantity);

/// With its unit: "0.0123", "1.204 nats", "17".
[[nodiscard]] std::string
quantityText(trace::Quantity quantity, double value, const scene::TextService& text);

/// The likeliest answer number `place`, from 0: its text in quotation marks, or "id 17".
[[nodiscard]] std::string predictionText(const trace::Convergence& convergence,
                                         int recursion,
                                         std::size_t token,
                                         std::size_t place,
                                         const scene::TextService& text);

/// Its probability.
[[nodiscard]] double predictionShare(const trace::Convergence& convergence,
                                     int recursion,
                                     std::size_t token,
                                     std::size_t place);

/// "answer fixed at recursion 2 of 4"
[[nodiscard]] std::string
fixedText(const trace::Convergence& convergence, std::size_t token, const scene::TextService& text);

/// The rules that would stop a token after this recursion: "latent:0.03, kl:0.001"; empty: none.
[[nodiscard]] std::string
exitsHere(const trace::Convergence& convergence, int recursion, std::size_t token);

/// The run on screen is computed by a model that has such states.
[[nodiscard]] bool canHaveConvergence(const trace::TraceView& view);

/// Why there is nothing to show of the run on screen, and what to do; empty where there is.
[[nodiscard]] std::string noConvergenceReason(const trace::TraceView& view,
                                              const scene::TextService& text);

/// Which tokens are looked at, where a text is too long for all; empty: all are.
[[nodiscard]] std::string limitText(const trace::Convergence& convergence,
                                    const scene::TextService& text);

/// It is of other settings than those of the run on screen: a newer one is on its way.
[[nodiscard]] bool isOld(const trace::TraceView& view);

/// Everything of a token at a recursion, for a tooltip.
[[nodiscard]] std::string convergenceTip(const trace::TraceView& view,
                                         int recursion,
                                         std::size_t token,
                                         const scene::TextService& text);

/// A row for each token and recursion.
[[nodiscard]] Table convergenceTable(const trace::TraceView& view, const scene::TextService& text);

} // namespace depthscope::instruments
