// SPDX-License-Identifier: MIT
// What a player does, without its thread and its clock: opens, seeks, steps, plays, a bounded piece
// of work at a time. The time comes in with each call, so that tests need no real one. One owner,
// one thread. Throws nothing: what fails is said in the view.
#pragma once

#include "engine/media/open_clip.h"
#include "engine/media/play_schedule.h"
#include "engine/media/play_wishes.h"
#include "engine/media/reader.h"
#include "engine/media/sound_track.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace depthscope::media {

/// Of a clock that never goes back.
using PlayTime = std::chrono::nanoseconds;

struct PlayerOptions {
    ReaderOptions reader;
    /// Of pictures decoded ahead, native planes and RGB; two are kept however large they are.
    std::size_t ringBytes = std::size_t{128} << 20U;
    bool thumbnails = false; ///< are made in the background
    /// Of files of at least so many bytes, the first frame is shown while the others are being
    /// found.
    std::uintmax_t longFileBytes = std::uintmax_t{32} << 20U;
    bool usesHardware = false;       ///< the graphics processor decodes where it can
    std::shared_ptr<SoundSink> sink; ///< plays the sound and leads the clock; null: silent
};

class Playback {
public:
    /// `publish` gets each state that can be seen.
    Playback(PlayerOptions options, std::function<void(const trace::ClipView&)> publish);

    /// Begins what is wished. Opening takes as long as finding the frames does, or until `stop`.
    void begin(const PlayWishes& wishes, PlayTime now, const std::stop_token& stop);

    /// At most two decoded frames. When to come again; nothing: not before something is wished.
    /// `stop` ends a long way to a frame, which is begun anew with the next call.
    [[nodiscard]] std::optional<PlayTime> work(PlayTime now, const std::stop_token& stop);

    [[nodiscard]] bool isPlaying() const { return m_view.playing; }

    /// The clip that is open; null: none.
    [[nodiscard]] const OpenClip* clip() const { return m_clip.get(); }

private:
    struct Picture {
        ClipPicture shown;
        std::optional<ClipPicture> other; ///< of B
        RgbPicturePtr difference;
        std::int64_t place = 0; ///< in the schedule
        std::size_t bytes = 0;
    };

    enum class Purpose : std::uint8_t { Look, Pass }; ///< a picture that stays, or is soon gone

    void open(const ClipSource& source, const std::stop_token& stop);
    void openFile(const std::filesystem::path& path, const std::stop_token& stop);
    void showFirst(const std::filesystem::path& path, const std::stop_token& stop);
    void openMade(const MadeClipPtr& clip);
    void compare(const ClipSource& source, const std::stop_token& stop);
    void compareFile(const std::filesystem::path& path, const std::stop_token& stop);
    void renew(const std::stop_token& stop);
    void follow(const PlayWishes& wishes);
    void moveTo(std::int64_t number, bool isStep);
    void seek(const std::stop_token& stop);
    [[nodiscard]] std::optional<std::int64_t> standIn() const;
    void startClock(PlayTime now);
    [[nodiscard]] PlayTime timeOf(std::int64_t picture) const;
    [[nodiscard]] std::optional<PlayTime> play(PlayTime now, const std::stop_token& stop);
    void present(std::int64_t due);
    void endPlaying();
    void startSound(std::int64_t first);
    void stopSound();
    void followSound(PlayTime now);
    void lookAgain();
    void forgetAhead();
    [[nodiscard]] bool hasRoom() const;
    [[nodiscard]] Picture decode(std::int64_t number, Purpose purpose, const std::stop_token& stop);
    [[nodiscard]] std::optional<ClipPicture>
    decodeOther(std::int64_t number, const PictureWay& way, const std::stop_token& stop);
    [[nodiscard]] ReaderOptions optionsOf(trace::ClipView& view);
    void show(Picture picture, bool exact);
    void fail(const std::string& message, const std::string& hint);
    void publish();

    PlayerOptions m_options;
    std::function<void(const trace::ClipView&)> m_publish;
    trace::ClipView m_view;
    std::unique_ptr<OpenClip> m_clip;
    trace::ClipView m_otherView;
    std::unique_ptr<OpenClip> m_other; ///< B
    bool m_compares = false;
    PictureSize m_room;
    std::uint64_t m_generation = 0;
    bool m_isSeeking = false;
    bool m_isStep = false;    ///< no key frame stands in: it would flicker
    bool m_stoodIn = false;   ///< the key frame of this seek has been shown
    bool m_mustStart = false; ///< playing begins with the next work
    PlaySchedule m_schedule;
    PlayTime m_startedAt{0};
    bool m_sounds = false;          ///< the sink plays the sound of this playing
    std::int64_t m_shownPlace = -1; ///< in the schedule
    std::int64_t m_nextPlace = 0;   ///< to be decoded
    std::deque<Picture> m_ahead;
    std::size_t m_aheadBytes = 0;
};

} // namespace depthscope::media
