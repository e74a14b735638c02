// SPDX-License-Identifier: MIT
// Hands the pictures of a video model's runs to the player: the main run as it is looked at, and
// beside it another run of the same clip. Shares the pictures, copies and compares none. GUI
// thread; its owner keeps the laboratory and the player longer.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/trace_store.h"

#include <QObject>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace depthscope::media {
struct MadeClip;
}

namespace depthscope::lab {

class ClipPlayer;
class LabController;

class RunClips : public QObject {
    Q_OBJECT

public:
    RunClips(LabController& lab, ClipPlayer& player, QObject* parent = nullptr);

    /// The player shows the pictures of a run.
    [[nodiscard]] bool isShown() const;

    /// Runs that can stand beside the main one, the truth first.
    [[nodiscard]] const std::vector<trace::RunKey>& offered() const { return m_offered; }

    /// What stands beside the main run; empty: nothing.
    [[nodiscard]] trace::RunKey beside() const;

    /// Empty: nothing. Kept for later runs: one that has no such run has the truth there.
    void setBeside(const trace::RunKey& run);

Q_SIGNALS:
    /// What is offered or stands beside has changed.
    void changed();

private:
    using Pictures = std::vector<RgbPicturePtr>;
    using Clip = std::shared_ptr<const media::MadeClip>;

    void follow();
    void followCursor();
    void leave();
    void show(const trace::ClipContent& content);
    [[nodiscard]] Clip clipOf(const trace::RunKey& key) const;

    LabController& m_lab;
    ClipPlayer& m_player;
    std::vector<trace::RunKey> m_offered;
    std::optional<trace::RunKey> m_wanted; ///< nothing: the truth
    std::optional<std::uint64_t> m_run;    ///< number of the one that was shown last
    Pictures m_shown;                      ///< of the main run
    Pictures m_shownBeside;
    trace::RunKey m_beside;
    std::optional<int> m_place; ///< of the cursor
};

} // namespace depthscope::lab
