// SPDX-License-Identifier: MIT
// The half of a playback that deals with clips: opening A and B, a picture of both, the sound of A.
#include "engine/base/error.h"
#include "engine/media/file_clip.h"
#include "engine/media/hardware.h"
#include "engine/media/index_cache.h"
#include "engine/media/memory_clip.h"
#include "engine/media/playback.h"

#include <utility>

namespace depthscope::media {

namespace {

constexpr double kLeastProgress = 0.02; ///< of the index, between two that are published

} // namespace

/// With the progress of finding its frames published in `view`.
ReaderOptions Playback::optionsOf(trace::ClipView& view) {
    if (std::exchange(m_options.usesHardware, false)) { // looked for once
        m_options.reader.hardware = openHardware();
    }
    ReaderOptions options = m_options.reader;
    options.index.progress = [this, &view](double share) {
        if (share - view.indexing.value_or(0) >= kLeastProgress) {
            view.indexing = share;
            publish();
        }
    };
    return options;
}

/// A picture without a clip around it: nothing can be done with it yet.
void Playback::showFirst(const std::filesystem::path& path, const std::stop_token& stop) {
    std::error_code error;
    const bool isFile = std::filesystem::is_regular_file(path, error);
    const std::uintmax_t bytes = isFile ? std::filesystem::file_size(path, error) : 0;
    const IndexOptions& options = m_options.reader.index;
    if (error || !isFile || bytes < m_options.longFileBytes ||
        keptIndex(options.cacheFolder, path) != nullptr) {
        return;
    }
    try {
        std::optional<trace::Frame> first;
        const auto index = decodeAll(
            path, options,
            [&first](const trace::Frame& frame) {
                first = frame;
                return false;
            },
            stop);
        m_view.rotation = index->facts().rotation;
        m_view.sampleAspect = index->facts().sampleAspect;
        ClipPicture picture;
        picture.frame = first.value();
        picture.codec = index->facts().codec;
        picture.rgb = std::make_shared<const RgbPicture>(RgbConverter().convert(picture.frame));
        showIn(m_view, std::move(picture), ++m_generation);
        m_view.exact = false;
        publish();
    } catch (const std::exception&) {
        return; // whoever finds the frames says what is wrong
    }
}

void Playback::open(const ClipSource& source, const std::stop_token& stop) {
    try {
        if (m_clip && m_view.error.empty() && m_clip->take(source)) {
            m_clip->learn(m_view);
            renew(stop);
            return;
        }
    } catch (const Error& error) {
        fail(error.message(), error.hint());
        return;
    }
    m_clip.reset();
    m_other.reset();
    m_compares = false;
    forgetAhead();
    m_isSeeking = false;
    m_view = {};
    if (const auto* made = std::get_if<MadeClipPtr>(&source)) {
        openMade(*made);
    } else if (!isNothing(source)) {
        openFile(std::get<std::filesystem::path>(source), stop);
    }
}

/// At once, so that no moment is without a picture; on the first frame that was predicted.
void Playback::openMade(const MadeClipPtr& clip) {
    m_view.name = clip->name;
    m_view.run = clip->run;
    try {
        m_clip = std::make_unique<MemoryClip>(clip);
        m_clip->learn(m_view);
        m_view.looping = true;
        m_view.target = clip->contextFrames < m_view.frameCount ? clip->contextFrames : 0;
        show(decode(m_view.target, Purpose::Look, {}), true);
    } catch (const Error& error) {
        fail(error.message(), error.hint());
    }
}

void Playback::openFile(const std::filesystem::path& path, const std::stop_token& stop) {
    m_view.file = path.string();
    m_view.name = path.filename().string();
    m_view.indexing = 0.0;
    publish();
    showFirst(path, stop);
    try {
        auto clip = std::make_unique<FileClip>(path, optionsOf(m_view), stop);
        m_view.indexing.reset();
        clip->learn(m_view);
        m_view.sound = clip->sound();
        m_view.hasSoundDevice = m_options.sink != nullptr;
        m_clip = std::move(clip);
        if (m_view.frameCount == 0) {
            fail(m_view.file + ": no frame of it can be shown", "Open another file.");
            return;
        }
        moveTo(0, true);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Interrupted) {
            m_view = {};
        } else {
            fail(error.message(), error.hint());
        }
    } catch (const std::exception& error) {
        fail(m_view.file + ": " + error.what(), "Close other programs, or open a smaller file.");
    }
}

/// The frames that are shown and wait to be shown, with newer pictures.
void Playback::renew(const std::stop_token& stop) {
    if (m_isSeeking || !m_view.frame) {
        return; // the newer ones are on their way
    }
    const Purpose purpose = m_view.playing ? Purpose::Pass : Purpose::Look;
    try {
        show(decode(m_view.frame->number, purpose, stop), m_view.exact);
        for (Picture& ahead : m_ahead) {
            const std::int64_t place = ahead.place;
            m_aheadBytes -= ahead.bytes;
            ahead = decode(ahead.shown.frame.number, purpose, stop);
            ahead.place = place;
            m_aheadBytes += ahead.bytes;
        }
    } catch (const std::exception&) { // interrupted while B was decoded, or out of memory
        moveTo(m_view.target, true);  // begun anew, which says what is wrong
    }
}

/// With a clip in memory what there is to see is there at once, and nothing stops that plays.
void Playback::compare(const ClipSource& source, const std::stop_token& stop) {
    const bool isAtOnce = m_clip->file() == nullptr && (isMade(source) || isNothing(source));
    try {
        if (m_compares && m_other && m_other->take(source)) {
            m_other->learn(m_otherView);
            renew(stop);
            return;
        }
        m_other.reset();
        m_otherView = {};
        m_compares = !isNothing(source);
        m_view.difference.reset();
        m_view.other.reset();
        if (!isAtOnce) {
            m_view.playing = false;
            moveTo(m_view.target, true); // the same frame, and that of B
        }
        if (const auto* made = std::get_if<MadeClipPtr>(&source)) {
            m_otherView.name = (*made)->name;
            m_otherView.run = (*made)->run;
            m_other = std::make_unique<MemoryClip>(*made);
            m_other->learn(m_otherView);
        } else if (m_compares) {
            compareFile(std::get<std::filesystem::path>(source), stop);
        }
    } catch (const Error& error) {
        m_compares = error.code() != ErrorCode::Interrupted;
        m_otherView.error = error.message();
        m_otherView.hint = error.hint();
    }
    if (isAtOnce) {
        renew(stop);
    }
}

void Playback::compareFile(const std::filesystem::path& path, const std::stop_token& stop) {
    m_otherView.file = path.string();
    m_otherView.name = path.filename().string();
    m_otherView.indexing = 0.0;
    publish();
    try {
        m_other = std::make_unique<FileClip>(path, optionsOf(m_otherView), stop);
        m_other->learn(m_otherView);
    } catch (const Error& error) {
        m_compares = error.code() != ErrorCode::Interrupted;
        m_otherView.error = error.message();
        m_otherView.hint = error.hint();
    } catch (const std::exception& error) {
        m_otherView.error = m_otherView.file + ": " + error.what();
        m_otherView.hint = "Close other programs, or open a smaller file.";
    }
    m_otherView.indexing.reset();
}

Playback::Picture
Playback::decode(std::int64_t number, Purpose purpose, const std::stop_token& stop) {
    const PictureWay way{purpose == Purpose::Pass, m_room};
    Picture picture{m_clip->picture(number, way, stop), {}, {}, 0, 0};
    picture.bytes = picture.shown.bytes();
    picture.other = decodeOther(picture.shown.frame.number, way, stop);
    if (picture.other) {
        picture.bytes += picture.other->bytes();
        if (m_view.differenceGain > 0) {
            picture.difference =
                differenceOf(*picture.shown.rgb, *picture.other->rgb, m_view.differenceGain);
        }
    }
    return picture;
}

/// The frame of B with the same number. Nothing where B has none, or it cannot be decoded.
std::optional<ClipPicture>
Playback::decodeOther(std::int64_t number, const PictureWay& way, const std::stop_token& stop) {
    if (!m_other || number >= m_otherView.frameCount) {
        return std::nullopt;
    }
    try {
        std::optional<ClipPicture> picture = m_other->picture(number, way, stop);
        m_other->learn(m_otherView);
        m_otherView.error.clear();
        return picture;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Interrupted) {
            throw;
        }
        m_otherView.error = error.message();
        m_otherView.hint = error.hint();
        return std::nullopt;
    }
}

/// Only forwards at 1x: other speeds are silent.
void Playback::startSound(std::int64_t first) {
    if (!m_options.sink || m_view.sound.empty() || m_view.speed != 1) {
        return;
    }
    const std::vector<double>& times = m_clip->times();
    const FileClip& file = *m_clip->file(); // nothing else sounds
    const double begin = file.index()->seconds(0);
    const trace::FrameRange range = m_view.played();
    const bool isInside = first >= range.first && first <= range.last;
    const auto timeOfFrame = [&](std::int64_t frame) {
        return begin + times.at(static_cast<std::size_t>(frame));
    };
    SoundPlan plan;
    plan.first = timeOfFrame(first);
    plan.begin = timeOfFrame(isInside ? range.first : 0);
    plan.end = timeOfFrame(isInside ? range.last + 1 : m_view.frameCount);
    plan.looping = m_view.looping;
    m_options.sink->start(
        std::make_shared<SoundTrack>(file.path(), m_options.reader.index.limits, plan));
    m_sounds = true;
}

void Playback::stopSound() {
    if (std::exchange(m_sounds, false)) {
        m_options.sink->stop();
    }
}

/// Ears notice a stutter before eyes do: the pictures go by the sound.
void Playback::followSound(PlayTime now) {
    if (m_sounds) {
        if (const std::optional<double> heard = m_options.sink->heard()) {
            m_startedAt =
                now - std::chrono::duration_cast<PlayTime>(std::chrono::duration<double>(*heard));
        }
    }
}

} // namespace depthscope::media
