// SPDX-License-Identifier: MIT
// Generates many texts together, each with its own prompt, length and seed; who ends is replaced at
// once. Prompts are prefilled one by one, by stages; tokens are decoded in batches
// (models::BatchedDecoder) that BatchScheduler puts together. The tokens of a text are those that
// it gets alone. Owned by a job; engine thread. Throws Error{Usage} for a model that cannot do it.
#pragma once

#include "engine/base/error.h"
#include "engine/generate/batch_scheduler.h"
#include "engine/generate/sampler.h"
#include "engine/models/batched_decoder.h"
#include "engine/trace/lanes.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace depthscope::generate {

/// A text to generate.
struct BatchText {
    std::size_t number = 0; ///< the caller's, each once
    std::vector<std::int32_t> ids;
    settings::GenerationSettings generation;
};

/// What came of it.
struct BatchResult {
    std::size_t number = 0;
    std::vector<std::int32_t> tokens;
    std::vector<int> depth;     ///< of each token
    std::optional<Error> error; ///< why there are no more
};

/// Batches of one recursion, or of the part between two tokens.
struct BatchFill {
    std::int64_t tokens = 0;  ///< that ran it
    std::int64_t batches = 0; ///< that had any of them
    std::int64_t rows = 0;    ///< of these batches, with the tokens of other recursions

    [[nodiscard]] double mean() const {
        return batches > 0 ? static_cast<double>(rows) / static_cast<double>(batches) : 0.0;
    }
};

struct BatchFigures {
    std::int64_t tokens = 0;
    double prefillSeconds = 0;
    double layerSeconds = 0; ///< in the layers of decoding
    std::vector<BatchFill> recursions;
    BatchFill between;
    /// In the layers, for each token of a full batch: means; 0: there was none.
    double fullRecursionSeconds = 0, fullBetweenSeconds = 0;
    double kvBytes = 0, kvReservedBytes = 0; ///< the most at a time
};

class BatchGenerator {
public:
    /// The next text; none: there are no more.
    using Source = std::function<std::optional<BatchText>()>;
    using Sink = std::function<void(BatchResult)>;

    struct Ends {
        Source source;
        Sink sink; ///< each text as it ends, whether done or with an error
    };

    /// `model` outlives the generator. `settings.kvBytes` is positive.
    BatchGenerator(const models::LanguageModel& model,
                   spec::ResolvedRouting routing,
                   const settings::BatchSettings& settings,
                   Ends ends);
    ~BatchGenerator();

    /// A stage of a prefill, or a batch. False: all texts have ended.
    bool step();

    /// Texts that have begun and not ended, as far as they are.
    [[nodiscard]] std::vector<BatchResult> unfinished() const;

    [[nodiscard]] BatchFigures figures() const;

    /// When which part ran, for how many tokens, since the generator was made. FLOPs are those of
    /// what has been generated, as if the last layers and the head had run for every token.
    [[nodiscard]] trace::Lanes lanes() const;

private:
    struct Text;
    using Clock = std::chrono::steady_clock;

    struct FullBatches {
        std::int64_t tokens = 0;
        double layerSeconds = 0;

        [[nodiscard]] double mean() const {
            return tokens > 0 ? layerSeconds / static_cast<double>(tokens) : 0.0;
        }
    };

    [[nodiscard]] bool admit();
    void prefill();
    void betweenTokens(const std::vector<Text*>& texts);
    void recur(const std::vector<Text*>& texts);
    void sendOn(Text& text);
    [[nodiscard]] bool choose(Text& text, const at::Tensor& logits);
    void end(Text& text, std::optional<Error> error);
    void countFlops(Text& text, std::span<const std::uint8_t> depth, std::int64_t first);
    void record(trace::LaneSpan span, Clock::time_point start);
    [[nodiscard]] double mostKvBytes(const BatchText& asked) const;
    void countKv();

    const models::LanguageModel& m_model;
    spec::ResolvedRouting m_routing;
    double m_kvLimit;
    Ends m_ends;
    models::BatchedDecoder m_decoder;
    BatchScheduler m_scheduler;
    std::size_t m_rows;
    std::map<BatchScheduler::Text, std::unique_ptr<Text>> m_texts; // in flight
    std::optional<BatchText> m_next;                               // does not fit yet
    std::unique_ptr<Text> m_entering;                              // being prefilled
    bool m_exhausted = false;
    double m_kvPromised = 0; // to those in flight
    BatchFigures m_figures;
    FullBatches m_fullRecursions, m_fullBetween;
    trace::LaneRecorder m_spans;
    trace::Lanes m_lanes; ///< all but the spans
    Clock::time_point m_began = Clock::now();
};

} // namespace depthscope::generate
