// SPDX-License-Identifier: MIT
#include "engine/media/player.h"

#include "engine/media/file_clip.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace depthscope::media {

namespace {

/// Wishes are outstanding from now on, not from when the thread comes to them; and a mark that is
/// set next belongs to the frame that was asked for.
void foresee(trace::ClipView& view, const PlayWishes& wishes) {
    view.busy = true;
    if (view.frameCount > 0) {
        const std::int64_t wanted = wishes.seek.value_or(view.target) + wishes.steps;
        view.target = std::clamp<std::int64_t>(wanted, 0, view.frameCount - 1);
        view.range = wishes.range.value_or(view.range);
    }
}

PlayTime clockTime() {
    return std::chrono::duration_cast<PlayTime>(
        std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

Player::Player(std::function<void()> wake, PlayerOptions options)
    : m_wake(std::move(wake))
    , m_makesThumbnails(options.thumbnails)
    , m_playback(std::move(options), [this](const trace::ClipView& view) { take(view); })
    , m_thumbnails(m_makesThumbnails ? std::make_unique<Thumbnails>([this](Thumbnails::List list) {
        takeThumbnails(std::move(list));
    })
                                     : nullptr)
    , m_thread([this](const std::stop_token& stop) { run(stop); }) {}

Player::~Player() {
    m_thread.request_stop();
    {
        const std::lock_guard lock(m_mutex);
        m_way.request_stop();
    }
    m_changed.notify_all();
    m_thread.join();
}

void Player::wish(const PlayWishes& wishes) {
    const std::lock_guard lock(m_mutex);
    m_wishes.add(wishes);
    if (takesFrom(wishes)) {
        m_way.request_stop();
    }
    auto state =
        m_state ? std::make_shared<trace::ClipView>(*m_state) : std::make_shared<trace::ClipView>();
    foresee(*state, wishes);
    m_state = std::move(state);
    m_changed.notify_all();
}

/// A seek goes before the frame that is being decoded, not before the opening of its clip.
bool Player::takesFrom(const PlayWishes& wishes) const {
    return wishes.open || (wishes.compare && m_opening != Opening::Clip) ||
           (wishes.moves() && m_opening == Opening::Nothing);
}

trace::ClipPtr Player::state() {
    const std::lock_guard lock(m_mutex);
    m_isSeen = true;
    const bool isOpen = m_state && (!m_state->file.empty() || !m_state->run.empty());
    return isOpen || (m_state && m_state->busy) ? m_state : nullptr;
}

void Player::take(const trace::ClipView& view) {
    auto state = std::make_shared<trace::ClipView>(view);
    std::unique_lock lock(m_mutex);
    const bool isOther = m_state && m_state->playing && state->playing && m_state->frame &&
                         state->frame && m_state->frame->number != state->frame->number &&
                         state->shown > 1;
    m_unseen = state->shown <= 1 ? 0 : m_unseen;
    if (isOther && !m_isSeen && std::abs(state->speed) <= 1) {
        ++m_unseen;
    }
    state->missed += m_unseen;
    if (!m_wishes.isEmpty()) { // what is published now was decided before them
        foresee(*state, m_wishes);
    }
    if (m_state && m_state->file != state->file) {
        m_pictures.reset();
    }
    if (!state->file.empty()) { // else it has its own
        state->thumbnails = state->frameCount > 0 ? m_pictures : nullptr;
    }
    m_state = std::move(state);
    wakeOwner(std::move(lock));
}

void Player::takeThumbnails(Thumbnails::List list) {
    std::unique_lock lock(m_mutex);
    m_pictures = std::move(list);
    if (!m_state || m_state->file.empty()) {
        return;
    }
    auto state = std::make_shared<trace::ClipView>(*m_state);
    state->thumbnails = m_pictures;
    m_state = std::move(state);
    wakeOwner(std::move(lock));
}

/// Once until the owner has asked for the state.
void Player::wakeOwner(std::unique_lock<std::mutex> lock) {
    const bool wakes = std::exchange(m_isSeen, false);
    lock.unlock();
    if (wakes) {
        m_wake();
    }
}

/// Thumbnails of what is open now.
void Player::followClip() {
    if (!m_thumbnails) {
        return;
    }
    const FileClip* clip = m_playback.clip() != nullptr ? m_playback.clip()->file() : nullptr;
    const std::shared_ptr<const MediaIndex> index = clip == nullptr ? nullptr : clip->index();
    if (index != m_picturesOf) {
        m_picturesOf = index;
        m_thumbnails->make({}, nullptr); // from here on, none of the last clip come
        {
            const std::lock_guard lock(m_mutex);
            m_pictures.reset();
        }
        m_thumbnails->make(clip == nullptr ? std::filesystem::path() : clip->path(), index);
    }
    // Only where it changes: a thread of low priority that is woken at each frame can be stopped
    // while it holds a lock that playing needs.
    if (m_playback.isPlaying() != m_pausesThumbnails) {
        m_pausesThumbnails = m_playback.isPlaying();
        m_thumbnails->setPaused(m_pausesThumbnails);
    }
}

void Player::run(const std::stop_token& stop) {
    std::optional<PlayTime> again;
    while (!stop.stop_requested()) {
        PlayWishes wishes;
        std::stop_token way;
        {
            std::unique_lock lock(m_mutex);
            const auto isWished = [this] { return !m_wishes.isEmpty(); };
            if (!again) {
                m_changed.wait(lock, stop, isWished);
            } else if (const PlayTime rest = *again - clockTime(); rest > PlayTime::zero()) {
                m_changed.wait_for(lock, stop, rest, isWished);
            }
            if (stop.stop_requested()) {
                return;
            }
            wishes = std::exchange(m_wishes, {});
            if (m_way.stop_requested()) {
                m_way = std::stop_source();
            }
            way = m_way.get_token();
            m_opening = wishes.open      ? Opening::Clip
                        : wishes.opens() ? Opening::Other
                                         : Opening::Nothing;
        }
        if (!wishes.isEmpty()) {
            m_playback.begin(wishes, clockTime(), way);
            const std::lock_guard lock(m_mutex);
            m_opening = Opening::Nothing;
        }
        again = m_playback.work(clockTime(), way);
        followClip();
    }
}

} // namespace depthscope::media
