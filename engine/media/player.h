// SPDX-License-Identifier: MIT
// A clip that plays on a thread of its own. Calls return at once: the newest wish wins, and what
// came of it is in state(). Any thread calls; the owner destroys it, which joins its thread. Throws
// nothing: errors are part of the state.
#pragma once

#include "engine/media/playback.h"
#include "engine/media/thumbnails.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace depthscope::media {

class Player {
public:
    /// `wake` is called on the player's thread when state() has changed, once until the state was
    /// asked for.
    explicit Player(std::function<void()> wake, PlayerOptions options = {});
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    /// Ends what is under way for an older wish where this one moves on.
    void wish(const PlayWishes& wishes);

    /// Never waits for the decoder. Null: nothing was opened yet.
    [[nodiscard]] trace::ClipPtr state();

private:
    enum class Opening : std::uint8_t { Nothing, Clip, Other };

    void run(const std::stop_token& stop);
    [[nodiscard]] bool takesFrom(const PlayWishes& wishes) const;
    void take(const trace::ClipView& view);
    void takeThumbnails(Thumbnails::List list);
    void followClip();
    void wakeOwner(std::unique_lock<std::mutex> lock);

    std::function<void()> m_wake;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    PlayWishes m_wishes;
    std::stop_source m_way;               ///< of the work under way
    Opening m_opening = Opening::Nothing; ///< what is under way
    trace::ClipPtr m_state;
    bool m_isSeen = true;      ///< state() gave the newest one
    std::int64_t m_unseen = 0; ///< pictures of this playing that nobody asked for in time
    Thumbnails::List m_pictures;
    std::shared_ptr<const MediaIndex> m_picturesOf;
    bool m_makesThumbnails;
    bool m_pausesThumbnails = false;
    Playback m_playback;
    std::unique_ptr<Thumbnails> m_thumbnails; ///< null: none are wanted
    std::jthread m_thread;                    ///< last: it uses all of the above
};

} // namespace depthscope::media
