// SPDX-License-Identifier: MIT
#include "app/cli/bench_media.h"

#include "app/cli/output.h"
#include "engine/base/error.h"
#include "engine/base/quantile.h"
#include "engine/base/text.h"
#include "engine/media/playback.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace depthscope::cli {

namespace {

using Clock = std::chrono::steady_clock;
using runtime::BenchCase;

constexpr int kGroup = 250; ///< frames from key to key
constexpr int kLong = 2 * kGroup;

double millisecondsOf(const std::function<void()>& work) {
    const Clock::time_point start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A folder of clips that goes when the measurement is over.
class Clips {
public:
    Clips() {
        std::string name = (std::filesystem::temp_directory_path() / "depthscope-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw Error(ErrorCode::OutOfMemory, name + ": cannot be created",
                        "Free some space, or set TMPDIR to another folder.");
        }
        m_folder = name;
    }

    ~Clips() {
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }

    Clips(const Clips&) = delete;
    Clips& operator=(const Clips&) = delete;

    [[nodiscard]] std::string path(const char* name) const { return (m_folder / name).string(); }

    /// Runs the ffmpeg program; `words` are ours, without quotes.
    static void run(const std::string& words) {
        const std::string command = "ffmpeg -v error -nostdin -y " + words + " </dev/null";
        if (std::system(command.c_str()) != 0) {
            throw Error(ErrorCode::BadInput, "bench media: the ffmpeg program failed: " + words,
                        "Install ffmpeg with libx264; nothing was measured.");
        }
    }

    void make(const char* name, const char* source, int frames, const char* speed) const {
        run(fmt::format("-f lavfi -i {} -frames:v {} -c:v libx264 -preset {} -pix_fmt yuv420p "
                        "-g {} -keyint_min {} -sc_threshold 0 '{}'",
                        source, frames, speed, kGroup, kGroup, path(name)));
    }

private:
    std::filesystem::path m_folder;
};

media::ReaderOptions scanned(std::size_t cacheBytes) {
    media::ReaderOptions options;
    options.index.certainPixels = 0; // as for a long clip: no decoding before the first frame
    options.cacheBytes = cacheBytes;
    return options;
}

/// All frames to RGB, beside `ffmpeg -f null` with the same conversion; in turn, three times.
std::vector<BenchCase> benchDecode(const std::string& clip) {
    std::vector<double> ours, theirs;
    constexpr int kRounds = 3;
    std::int64_t count = 0;
    for (int round = 0; round < kRounds; ++round) {
        ours.push_back(millisecondsOf([&] {
            media::Reader reader(clip, scanned(0));
            media::RgbConverter converter;
            count = reader.index()->frameCount();
            for (std::int64_t n = 0; n < count; ++n) {
                static_cast<void>(converter.convert(reader.frame(n)));
            }
        }));
        theirs.push_back(millisecondsOf([&] {
            Clips::run("-i '" + clip +
                       "' -vf scale=flags=bicubic+accurate_rnd+full_chroma_int+bitexact,"
                       "format=rgb24 -f null -");
        }));
    }
    const auto rate = [&](double milliseconds) {
        return static_cast<double>(count) * 1000.0 / milliseconds;
    };
    const double mine = rate(quantile(ours, 0.5)), limit = rate(quantile(theirs, 0.5));
    return {{"decode 1080p H.264 to RGB", "frames/s", mine, limit,
             "limit: ffmpeg -f null with the same conversion; medians of 3 in turn"},
            {"share of that limit", "%", 100.0 * mine / limit, 0, ""}};
}

/// Random frames of a group of 250, without any kept, beside the decoding of the frames from its
/// key frame on at the speed of a pass in this run.
std::vector<BenchCase> benchSeek(const std::string& clip) {
    media::Reader reader(clip, scanned(0));
    double pass = millisecondsOf([&] {
        for (std::int64_t n = 0; n < kGroup; ++n) {
            static_cast<void>(reader.frame(n));
        }
    });
    pass /= kGroup;
    std::mt19937 random(1);
    std::vector<double> ratios, times;
    for (int seek = 0; seek < 12; ++seek) {
        const auto into = static_cast<std::int64_t>(20 + random() % (kGroup - 20));
        const std::int64_t target = (seek % 2) * kGroup + into;
        times.push_back(millisecondsOf([&] { static_cast<void>(reader.frame(target)); }));
        ratios.push_back(times.back() / (pass * static_cast<double>(into + 1)));
    }
    return {{"exact seek in a group of 250, 1080p, median", "ms", quantile(times, 0.5), 0,
             fmt::format("12 random frames; a pass takes {:.2f} ms per frame", pass)},
            {"the same over the pure decode of the frames in between", "x", quantile(ratios, 0.5),
             1.5, "limit: the requirement"}};
}

std::vector<BenchCase> benchStepBack(const std::string& clip) {
    media::Reader reader(clip, scanned(std::size_t{256} << 20U));
    std::int64_t at = kGroup - 10;
    static_cast<void>(reader.frame(at));
    const double first = millisecondsOf([&] { static_cast<void>(reader.frame(--at)); });
    std::vector<double> later(40);
    std::ranges::generate(
        later, [&] { return millisecondsOf([&] { static_cast<void>(reader.frame(--at)); }); });
    return {{"step back one frame, 1080p, first", "ms", first, 0, ""},
            {"step back one frame, second and later, median", "ms", quantile(later, 0.5), 40,
             "limit: the requirement"},
            {"the same, slowest of 40", "ms", quantile(later, 1.0), 0, "256 MiB of frames kept"}};
}

/// As the window opens it: until its first picture is published.
double millisecondsToFirstPicture(const std::string& clip) {
    const auto begin = std::chrono::steady_clock::now();
    std::optional<double> first;
    media::Playback playback({}, [&](const trace::ClipView& view) {
        if (view.picture && !first) {
            first =
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                    .count();
        }
    });
    media::PlayWishes wishes;
    wishes.open = clip;
    playback.begin(wishes, {}, {});
    for (auto again = std::optional(media::PlayTime{}); again && !first;) {
        again = playback.work({}, {});
    }
    return first.value_or(0);
}

std::vector<BenchCase> benchOpen(const std::string& clip) {
    std::int64_t frames = 0;
    std::vector<double> index, first, shown;
    for (int round = 0; round < 3; ++round) {
        std::shared_ptr<const media::MediaIndex> built;
        index.push_back(millisecondsOf([&] { built = media::buildIndex(clip, scanned(0).index); }));
        frames = built->frameCount();
        first.push_back(millisecondsOf([&] {
            media::Reader reader(clip, scanned(0));
            static_cast<void>(reader.frame(0));
        }));
        shown.push_back(millisecondsToFirstPicture(clip));
    }
    const double megabytes = static_cast<double>(std::filesystem::file_size(clip)) / 1e6;
    return {{"open a 2-hour file, to the finished index", "ms", quantile(index, 0.5), 0,
             fmt::format("{} frames, {:.0f} MB, in the page cache", frames, megabytes)},
            {"the same and its first frame, exactly", "ms", quantile(first, 0.5), 0, ""},
            {"open it in the player, to its first picture", "ms", quantile(shown, 0.5), 300,
             "limit: the requirement; before the index is there"}};
}

/// MiB of memory that the process holds.
double residentMiB() {
    std::ifstream file("/proc/self/statm");
    double pages = 0, resident = 0;
    file >> pages >> resident;
    constexpr double kMiB = 1024.0 * 1024.0;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / kMiB;
}

std::vector<BenchCase> benchMemory(const std::string& clip) {
    const double before = residentMiB();
    double most = before;
    media::Reader reader(clip, scanned(std::size_t{256} << 20U));
    media::RgbConverter converter;
    for (std::int64_t n = 0; n < reader.index()->frameCount(); ++n) {
        static_cast<void>(converter.convert(reader.frame(n)));
        most = std::max(most, residentMiB());
    }
    return {{"memory that decoding 4K to RGB adds", "MiB", most - before, 0,
             "256 MiB of frames kept, frames of FFmpeg's threads, one picture"}};
}

} // namespace

std::vector<runtime::BenchCase> benchMedia() {
    const Clips clips;
    printStatus("bench media: making clips with the ffmpeg program");
    clips.make("hd.mp4", "testsrc2=s=1920x1080:r=30", kLong, "veryfast");
    clips.make("uhd.mp4", "testsrc2=s=3840x2160:r=30", 60, "ultrafast");
    clips.make("short.mp4", "testsrc2=s=320x180:r=25", kGroup, "veryfast");
    Clips::run(fmt::format("-stream_loop 719 -i '{}' -c copy '{}'", clips.path("short.mp4"),
                           clips.path("hours.mp4")));
    std::vector<BenchCase> all;
    const auto add = [&](const char* what, std::vector<BenchCase> cases) {
        printStatus(fmt::format("bench media: {}", what));
        all.insert(all.end(), cases.begin(), cases.end());
    };
    add("decoding", benchDecode(clips.path("hd.mp4")));
    add("seeking", benchSeek(clips.path("hd.mp4")));
    add("stepping back", benchStepBack(clips.path("hd.mp4")));
    add("opening", benchOpen(clips.path("hours.mp4")));
    add("memory", benchMemory(clips.path("uhd.mp4")));
    return all;
}

} // namespace depthscope::cli
