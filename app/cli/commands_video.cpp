// SPDX-License-Identifier: MIT
#include "app/cli/commands_video.h"

#include "app/cli/commands.h"
#include "app/cli/commands_video_models.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/media/frame_hash.h"
#include "engine/media/png.h"
#include "engine/media/reader.h"

#include <CLI/App.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <vector>

namespace depthscope::cli {

using nlohmann::json;

namespace {

struct DecodeOptions {
    std::string file;
    std::vector<std::int64_t> frames; ///< empty: all
    bool isChosen = false;            ///< --frames was given
    bool noSeek = false;
    std::string out;
    std::string cache;
};

/// What is said of a frame; the index has its time.
struct Answer {
    std::string md5;
    bool key = false;
    bool damaged = false;
};

/// Makes the answers, and the pictures where they are wanted.
class Answers {
public:
    explicit Answers(const std::string& folder)
        : m_folder(folder) {
        if (!m_folder.empty()) {
            makeFolder(m_folder);
        }
    }

    void add(const trace::Frame& frame) {
        const auto [place, isNew] = m_answers.try_emplace(frame.number);
        if (!isNew) {
            return;
        }
        place->second = {media::md5Of(frame), frame.key, frame.damaged};
        if (!m_folder.empty()) {
            std::array<char, 40> name{};
            std::snprintf(name.data(), name.size(), "frame-%06lld.png",
                          static_cast<long long>(frame.number));
            media::writePng(m_folder / name.data(), m_converter.convert(frame));
        }
    }

    void clear() { m_answers.clear(); }

    [[nodiscard]] const Answer& of(std::int64_t number) const { return m_answers.at(number); }

private:
    std::filesystem::path m_folder;
    std::map<std::int64_t, Answer> m_answers;
    media::RgbConverter m_converter;
};

std::string ratioText(const trace::Ratio& ratio) {
    return fmt::format("{}:{}", ratio.over, ratio.under);
}

json orNull(const std::string& text) {
    return text.empty() ? json(nullptr) : json(text);
}

json clipJson(const media::MediaIndex& index) {
    const media::ClipFacts& facts = index.facts();
    const auto damaged =
        std::count_if(index.parts().frames.begin(), index.parts().frames.end(),
                      [](const media::FrameEntry& frame) { return frame.damaged; });
    return {{"width", facts.width},
            {"height", facts.height},
            {"pixel_format", facts.pixelFormat},
            {"rotation", facts.rotation},
            {"sample_aspect", ratioText(facts.sampleAspect)},
            {"variable_rate", index.hasVariableRate()},
            {"frame_count", index.frameCount()},
            {"container", facts.container},
            {"codec", facts.codec},
            {"time_base", ratioText(facts.timeBase)},
            {"frame_rate", ratioText(facts.frameRate)},
            {"colour",
             {{"matrix", orNull(facts.colour.matrix)},
              {"primaries", orNull(facts.colour.primaries)},
              {"transfer", orNull(facts.colour.transfer)},
              {"range", orNull(facts.colour.range)}}},
            {"damaged", index.isDamaged()},
            {"damaged_frames", damaged},
            {"refused_packets", index.parts().refused},
            {"ended_early", index.parts().endedEarly},
            {"times_are_made", index.parts().timesAreMade}};
}

json frameJson(const media::MediaIndex& index, std::int64_t number, const Answer& answer) {
    return {{"number", number},
            {"pts", index.frame(number).pts},
            {"seconds", index.seconds(number)},
            {"md5", answer.md5},
            {"key", answer.key},
            {"damaged", answer.damaged}};
}

void print(const Common& common,
           const media::MediaIndex& index,
           const std::vector<std::int64_t>& numbers,
           const Answers& answers) {
    json out = clipJson(index);
    if (common.json) {
        out["frames"] = json::array();
        for (const std::int64_t number : numbers) {
            out["frames"].push_back(frameJson(index, number, answers.of(number)));
        }
        printJson(out);
        return;
    }
    const media::ClipFacts& facts = index.facts();
    printLine(fmt::format("{} in {}, {} x {} {}, {} frames{}{}", facts.codec, facts.container,
                          facts.width, facts.height, facts.pixelFormat, index.frameCount(),
                          index.hasVariableRate() ? " at a variable rate" : "",
                          index.isDamaged() ? ", damaged" : ""));
    for (const std::int64_t number : numbers) {
        const Answer& answer = answers.of(number);
        std::array<char, 40> time{};
        std::snprintf(time.data(), time.size(), "%.6f s", index.seconds(number));
        printLine(padded(std::to_string(number), 8) + padded(time.data(), 16) + answer.md5 +
                  (answer.key ? " key" : "") + (answer.damaged ? " damaged" : ""));
    }
}

[[noreturn]] void
refuseNumber(const DecodeOptions& options, std::int64_t number, std::int64_t count) {
    throw Error(
        ErrorCode::BadInput,
        fmt::format("{}: frame {} not found; the file has {} frames", options.file, number, count),
        fmt::format("Frames count from 0 to {}.", count - 1));
}

/// One pass from the first packet to the last.
std::shared_ptr<const media::MediaIndex> decodeInOrder(const DecodeOptions& options,
                                                       const media::IndexOptions& how,
                                                       Answers& answers,
                                                       const std::stop_token& stop) {
    std::vector<std::int64_t> wanted = options.frames;
    std::sort(wanted.begin(), wanted.end());
    auto index = media::decodeAll(
        options.file, how,
        [&](const trace::Frame& frame) {
            if (frame.number == 0) {
                answers.clear(); // once more: the file is damaged
            }
            if (!options.isChosen ||
                std::binary_search(wanted.begin(), wanted.end(), frame.number)) {
                answers.add(frame);
            }
            return true;
        },
        stop);
    return index;
}

std::shared_ptr<const media::MediaIndex> decodeBySeeking(const DecodeOptions& options,
                                                         const media::IndexOptions& how,
                                                         Answers& answers,
                                                         const std::stop_token& stop) {
    media::ReaderOptions reading;
    reading.index = how;
    media::Reader reader(options.file, reading, stop);
    while (true) {
        const auto index = reader.index();
        for (const std::int64_t number : options.frames) {
            if (number < 0 || number >= index->frameCount()) {
                refuseNumber(options, number, index->frameCount());
            }
            answers.add(reader.frame(number, stop));
            if (reader.index() != index) {
                break; // the frames are others than the packets promised
            }
        }
        if (reader.index() == index) {
            return index;
        }
        answers.clear();
    }
}

void decode(const Common& common, const DecodeOptions& options) {
    refuseEngineOptions(common, "video decode");
    const InterruptWatch interrupt;
    media::IndexOptions how;
    how.cacheFolder = options.cache;
    Answers answers(options.out);
    const bool inOrder = options.noSeek || !options.isChosen;
    const auto index = inOrder ? decodeInOrder(options, how, answers, interrupt.token())
                               : decodeBySeeking(options, how, answers, interrupt.token());
    std::vector<std::int64_t> numbers = options.frames;
    for (const std::int64_t number : numbers) {
        if (number < 0 || number >= index->frameCount()) {
            refuseNumber(options, number, index->frameCount());
        }
    }
    for (std::int64_t n = 0; !options.isChosen && n < index->frameCount(); ++n) {
        numbers.push_back(n);
    }
    print(common, *index, numbers, answers);
}

Action declareDecoding(CLI::App& app) {
    auto options = std::make_shared<DecodeOptions>();
    addWord(app, "FILE", options->file, "A video, an image, a folder or a pattern of images");
    addIntegers(app, "frames", options->frames, options->isChosen,
                "Only these, in this order; they count from 0");
    addFlag(app, "no-seek", options->noSeek, "Decode from the first frame on, without an index");
    addText(app, "out", "DIR", options->out, "Write the frames as PNG files");
    addText(app, "cache", "DIR", options->cache,
            "Keep the index of the file here for the next time");
    return [options](const Common& common) { decode(common, *options); };
}

} // namespace

Action declareVideo(CLI::App& app) {
    struct Part {
        CLI::App* app;
        Action action;
    };

    auto parts = std::make_shared<std::vector<Part>>();
    const auto add = [&](const char* name, const char* help, Action (*declare)(CLI::App&)) {
        CLI::App* part = app.add_subcommand(name, help);
        parts->push_back({part, declare(*part)});
    };
    add("decode", "Frames, their times and checksums", &declareDecoding);
    add("encode", "Frames as another video file", &declareEncoding);
    add("clips", "Kinds of procedural clips, or such clips as files", &declareClipFiles);
    add("train", "Train a video model; the same as train", &declareTrain);
    add("sample", "Draw clips, or predict what follows", &declareVideoSample);
    add("score", "Measure a video model on held-out clips", &declareVideoScore);
    add("probe", "Parameters and work of a video model", &declareVideoProbe);
    app.require_subcommand(1);
    return [parts](const Common& common) {
        for (const Part& part : *parts) {
            if (part.app->parsed()) {
                part.action(common);
            }
        }
    };
}

} // namespace depthscope::cli
