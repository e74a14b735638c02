// SPDX-License-Identifier: MIT
// Next-token prediction of a language model over a table of tokens, with the losses and warm-ups of
// its router. Owns the model; the corpus outlives it. Engine thread.
#pragma once

#include "engine/data/corpus.h"
#include "engine/models/language_model.h"
#include "engine/spec/preset.h"
#include "engine/train/objective.h"
#include "engine/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace depthscope::train {

class LanguageObjective final : public Objective {
public:
    /// A model with random weights of the preset's seed. Throws Error{BadInput} if the corpus is
    /// shorter than a sequence.
    LanguageObjective(spec::Preset preset,
                      const data::Corpus& corpus,
                      at::Device device = at::kCPU);

    [[nodiscard]] const spec::Preset& preset() const { return m_preset; }

    [[nodiscard]] models::LanguageModel& model() { return m_model; }

    [[nodiscard]] const models::LanguageModel& model() const { return m_model; }

    /// Auxiliary routers learn at ten times the rate (docs/routing.md 3.4); a balancing bias has
    /// none.
    [[nodiscard]] std::vector<Weight> weights() override;

    /// `value` is the language-model part in nats per token; of a looped model expected over its
    /// exits, in both stages of its training (looped_loss.h).
    [[nodiscard]] Loss loss(const MicroBatch& batch) override;

    /// Loss-free balancing (docs/routing.md 3.5): once a step, by the sign of each destination's
    /// load.
    void stepped(std::int64_t microBatches) override;

    [[nodiscard]] std::int64_t tokens() const override {
        return m_preset.batch * m_preset.sequence;
    }

    /// Over the preset's fixed windows, routed as trained: val_loss in nats/token, mean_depth in
    /// recursions, load[r] the share of the tokens that run recursion r. A looped model's val_loss
    /// is that of its last recursion; exit_loss[t] are those of all, expected_depth is in
    /// recursions by the exit gate.
    [[nodiscard]] std::vector<Metric> evaluate() override;

    [[nodiscard]] std::vector<Trait> traits() const override;

private:
    struct Batch {
        at::Tensor ids;     // [B, T] int64
        at::Tensor targets; // [B, T] int64
    };

    [[nodiscard]] Batch batchOf(const std::vector<std::int32_t>& tokens,
                                const std::vector<std::uint32_t>& starts) const;
    [[nodiscard]] std::uint32_t startsIn(const std::vector<std::int32_t>& tokens) const;
    [[nodiscard]] models::Pass passOver(const Batch& batch) const;
    [[nodiscard]] Loss loopedLoss(const Batch& batch, const MicroBatch& part) const;
    [[nodiscard]] at::Tensor
    totalOf(const models::Pass& pass, const at::Tensor& language, std::int64_t parts) const;

    spec::Preset m_preset;
    const data::Corpus& m_corpus;
    models::LanguageModel m_model;
    at::Tensor m_chosenShareSum; ///< token-choice: loads of this step's micro-batches, [R]
};

/// The preset as a checkpoint was trained with it. Throws Error{BadInput} naming file and reason.
void applyCheckpointRecipe(const std::filesystem::path& checkpoint, spec::Preset& preset);

} // namespace depthscope::train
