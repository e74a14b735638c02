// SPDX-License-Identifier: MIT
// A playback whose clock a test moves, and a way to wait for a player. Owned by a test.
#pragma once

#include "engine/media/player.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace depthscope::test {

/// A playback whose clock stands still until the test moves it.
struct Bench {
    explicit Bench(media::PlayerOptions options = {})
        : playback(std::move(options),
                   [this](const trace::ClipView& view) { seen.push_back(view); }) {}

    media::Playback playback;
    std::vector<trace::ClipView> seen;
    media::PlayTime now{0};

    [[nodiscard]] const trace::ClipView& view() const { return seen.back(); }

    void wish(const media::PlayWishes& wishes) {
        playback.begin(wishes, now, {});
        settle();
    }

    /// All that is to be done at this moment.
    void settle() {
        for (auto again = playback.work(now, {}); again && *again <= now;) {
            again = playback.work(now, {});
        }
    }

    void advance(media::PlayTime by) {
        now += by;
        settle();
    }

    void open(const std::string& file) {
        media::PlayWishes wishes;
        wishes.open = file;
        wish(wishes);
    }

    void compare(const std::string& file) {
        media::PlayWishes wishes;
        wishes.compare = file;
        wish(wishes);
    }

    void seek(std::int64_t frame) {
        media::PlayWishes wishes;
        wishes.seek = frame;
        wish(wishes);
    }

    void step(std::int64_t frames) {
        media::PlayWishes wishes;
        wishes.steps = frames;
        wish(wishes);
    }

    void play(double speed = 1, bool looping = false) {
        media::PlayWishes wishes;
        wishes.playing = true;
        wishes.speed = speed;
        wishes.looping = looping;
        wish(wishes);
    }

    void pause() {
        media::PlayWishes wishes;
        wishes.playing = false;
        wish(wishes);
    }
};

/// Waits for a state of a player without asking again and again.
struct Watcher {
    std::mutex mutex;
    std::condition_variable changed;
    int wakes = 0;

    std::function<void()> wake() {
        return [this] {
            const std::lock_guard lock(mutex);
            ++wakes;
            changed.notify_all();
        };
    }

    [[nodiscard]] trace::ClipPtr until(media::Player& player,
                                       const std::function<bool(const trace::ClipView&)>& is) {
        std::unique_lock lock(mutex);
        trace::ClipPtr state;
        changed.wait_for(lock, std::chrono::seconds(30), [&] {
            state = player.state();
            return state && is(*state);
        });
        return state;
    }

    [[nodiscard]] trace::ClipPtr idle(media::Player& player) {
        return until(player, [](const trace::ClipView& view) { return !view.busy; });
    }
};

} // namespace depthscope::test
