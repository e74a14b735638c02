// SPDX-License-Identifier: MIT
#include "engine/media/player.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace depthscope::media {

namespace {

PlayTime clockTime() {
    return std::chrono::duration_cast<PlayTime>(
        std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

Player::Player(std::function<void()> wake, PlayerOptions options)
    : m_wake(std::move(wake))
    , m_playback(std::move(options), [this](const trace::ClipView& view) { take(view); })
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
    // A seek goes before the frame that is being decoded, not before the opening of its clip.
    if (wishes.open || (wishes.moves() && !m_isOpening)) {
        m_way.request_stop();
    }
    // Outstanding from now on, not from when the thread comes to it; and a mark that is set next
    // belongs to the frame that was asked for.
    auto state =
        m_state ? std::make_shared<trace::ClipView>(*m_state) : std::make_shared<trace::ClipView>();
    state->busy = true;
    if (state->frameCount > 0) {
        const std::int64_t wanted = wishes.seek.value_or(state->target) + wishes.steps;
        state->target = std::clamp<std::int64_t>(wanted, 0, state->frameCount - 1);
        state->range = wishes.range.value_or(state->range);
    }
    m_state = std::move(state);
    m_changed.notify_all();
}

trace::ClipPtr Player::state() {
    const std::lock_guard lock(m_mutex);
    m_isSeen = true;
    return m_state && !m_state->file.empty() ? m_state
           : m_state && m_state->busy        ? m_state
                                             : nullptr;
}

void Player::take(const trace::ClipView& view) {
    auto state = std::make_shared<trace::ClipView>(view);
    bool wakes = false;
    {
        const std::lock_guard lock(m_mutex);
        const bool isOther = m_state && m_state->playing && state->playing &&
                             m_state->generation != state->generation && state->shown > 1;
        m_unseen = state->shown <= 1 ? 0 : m_unseen;
        if (isOther && !m_isSeen && std::abs(state->speed) <= 1) {
            ++m_unseen;
        }
        state->missed += m_unseen;
        state->busy = state->busy || !m_wishes.isEmpty();
        m_state = std::move(state);
        wakes = std::exchange(m_isSeen, false);
    }
    if (wakes) {
        m_wake();
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
            m_isOpening = wishes.open.has_value();
        }
        if (!wishes.isEmpty()) {
            m_playback.begin(wishes, clockTime(), way);
            const std::lock_guard lock(m_mutex);
            m_isOpening = false;
        }
        again = m_playback.work(clockTime(), way);
    }
}

} // namespace depthscope::media
