// SPDX-License-Identifier: MIT
// The runs that the main run is compared with: the same model at full depth, the vanilla model of
// the same data, and times measured in turns. Asks for them once the main run is there. Owned by
// the laboratory; GUI thread.
#pragma once

#include "widgets/lab/model_catalog.h"
#include "widgets/lab/shell.h"

#include <QString>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace depthscope::lab {

class ReferenceRuns {
public:
    explicit ReferenceRuns(Shell& shell)
        : m_shell(shell) {}

    /// The model in the laboratory, or what it is compared with, has changed.
    void setVanillaEntry(std::optional<ModelEntry> vanilla);

    /// The vanilla model has been loaded.
    void setVanilla(std::shared_ptr<const spec::ModelInfo> model);

    /// What was asked for is to be asked for again.
    void forget();

    /// Drops the references that are shown, keeps the main run.
    void drop();

    /// Loads the vanilla model where it is not there yet, then asks for what is missing.
    void request();

    /// Keys of the runs that are still to come.
    [[nodiscard]] std::set<trace::RunKey> awaited(bool mainComes) const;

private:
    void loadVanilla();
    void requestRuns();
    void requestTimes(const trace::RunView& main);
    /// The run of a key that can be compared with the main run is there.
    [[nodiscard]] bool has(const trace::RunKey& key, const trace::RunView& main) const;

    Shell& m_shell;
    std::shared_ptr<const spec::ModelInfo> m_vanilla;
    std::optional<ModelEntry> m_entry;
    QString m_tried; ///< vanilla folder that was loaded or refused
    std::optional<trace::RunView>
        m_asked;                       ///< the main run whose content references were requested for
    bool m_vanillaAsked = false;       ///< the same, of the vanilla model
    std::uint64_t m_timedRevision = 0; ///< whose times were requested
};

} // namespace depthscope::lab
