// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_facts.h"

#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/instruments/video_legend.h"

#include <cmath>

namespace depthscope::instruments {

namespace {

std::string whole(const scene::TextService& text, std::int64_t number) {
    return text.number(static_cast<double>(number), 0);
}

std::string ratio(trace::Ratio value, const char* between) {
    return std::to_string(value.over) + between + std::to_string(value.under);
}

std::string pixelPlaceText(PixelPlace pixel, const scene::TextService& text) {
    return fill(text.translate("column %1, row %2"),
                {whole(text, pixel.column), whole(text, pixel.row)});
}

std::string frameText(const trace::ClipView& clip, const scene::TextService& text) {
    return clip.run.empty()
               ? fill(text.translate("frame %1, as decoded"), {whole(text, clip.frame->number)})
               : fill(text.translate("frame %1, %2"),
                      {whole(text, clip.frame->number), partText(clip, clip.frame->number, text)});
}

/// Red, green, blue; null while a picture made in a hurry stands in.
const std::uint8_t* rgbAt(const trace::ClipView& clip, PixelPlace pixel) {
    if (clip.quick || !clip.picture) {
        return nullptr;
    }
    const auto at = static_cast<std::size_t>((pixel.row * clip.picture->width + pixel.column) * 3);
    return at + 2 < clip.picture->bytes.size() ? clip.picture->bytes.data() + at : nullptr;
}

/// Each line after `before`.
std::string valuesOf(const trace::ClipView& clip,
                     PixelPlace pixel,
                     const char* before,
                     const scene::TextService& text) {
    std::string lines;
    if (const std::uint8_t* rgb = rgbAt(clip, pixel)) {
        lines +=
            before + fill(text.translate("R %1  G %2  B %3"),
                          {std::to_string(rgb[0]), std::to_string(rgb[1]), std::to_string(rgb[2])});
    }
    std::string native;
    for (const trace::PixelComponent& component : clip.components) {
        if (const auto value = trace::valueAt(*clip.frame, component, pixel.column, pixel.row)) {
            native += native.empty() ? "" : "  ";
            native += std::string(component.name) + ' ' + std::to_string(*value);
        }
    }
    return native.empty() ? lines : lines + before + native + "  " + clip.frame->pixelFormat;
}

std::string differenceText(const trace::ClipView& a,
                           PixelPlace inA,
                           const trace::ClipView& b,
                           PixelPlace inB,
                           const scene::TextService& text) {
    const std::uint8_t* left = rgbAt(a, inA);
    const std::uint8_t* right = rgbAt(b, inB);
    if (left == nullptr || right == nullptr) {
        return {};
    }
    const auto signedText = [](int value) {
        return (value > 0 ? "+" : "") + std::to_string(value);
    };
    const std::string difference =
        fill(text.translate("R %1  G %2  B %3"),
             {signedText(left[0] - right[0]), signedText(left[1] - right[1]),
              signedText(left[2] - right[2])});
    return "\n" + tagOf(a, "A", text) + " - " + tagOf(b, "B", text) + "  " + difference;
}

class TableWriter {
public:
    explicit TableWriter(const scene::TextService& text)
        : m_text(text) {
        table.columns = {{text.translate("fact"), ""},
                         {text.translate("value"), ""},
                         {text.translate("unit"), ""}};
    }

    void add(const char* fact, Table::Cell value, const char* unit = "") {
        table.rows.push_back({m_text.translate(fact), std::move(value),
                              *unit == 0 ? std::string() : m_text.translate(unit)});
    }

    void add(const char* fact, std::int64_t value, const char* unit = "") {
        add(fact, Table::Cell{static_cast<double>(value)}, unit);
    }

    void yesOrNo(const char* fact, bool value) {
        add(fact, Table::Cell{m_text.translate(value ? "yes" : "no")});
    }

    Table table;

private:
    const scene::TextService& m_text;
};

void addFrame(TableWriter& out, const trace::ClipView& clip) {
    const trace::Frame& frame = *clip.frame;
    out.add("frame", frame.number);
    out.add("timecode", Table::Cell{timecodeText(clip)});
    out.add("time stamp", frame.pts);
    out.add("time base", Table::Cell{ratio(frame.timeBase, "/")}, "s");
    out.add("time", Table::Cell{frame.seconds}, "s");
    out.yesOrNo("key frame", frame.key);
    out.yesOrNo("damaged", frame.damaged);
    out.yesOrNo("exact", clip.exact);
    out.add("width", frame.width, "pixels");
    out.add("height", frame.height, "pixels");
    out.add("pixel format", Table::Cell{frame.pixelFormat});
    out.add("colour matrix", Table::Cell{frame.colour.matrix});
    out.add("colour primaries", Table::Cell{frame.colour.primaries});
    out.add("transfer", Table::Cell{frame.colour.transfer});
    out.add("range", Table::Cell{frame.colour.range});
}

/// What is known of a run beside its pictures.
void addRun(TableWriter& out, const trace::TraceView& view, const scene::TextService& text) {
    const trace::ClipView& clip = *view.clip;
    const trace::RunView* run = runOf(view, clip);
    out.add("context frames", clip.contextFrames);
    if (run == nullptr) {
        return;
    }
    const trace::ClipContent& content = *run->latest->clip();
    if (clip.frame && isGivenFrame(clip, clip.frame->number)) {
        out.add("PSNR", Table::Cell{text.translate("given")});
    } else {
        out.add("PSNR", numberCell(content.psnr), "dB");
        out.add("PSNR of copy-last", numberCell(content.psnrCopyLast), "dB");
    }
    out.add("depth", Table::Cell{motionText(*run, text)});
}

void addOther(TableWriter& out, const trace::ClipView& other) {
    if (!other.run.empty()) {
        out.add("beside", Table::Cell{other.name});
    }
    out.add("B: file", Table::Cell{other.file});
    if (!other.error.empty()) {
        out.add("B: error", Table::Cell{other.error});
    }
    out.add("B: frames", other.frameCount);
    if (other.frame) {
        out.add("B: frame", other.frame->number);
        out.add("B: width", other.frame->width, "pixels");
        out.add("B: height", other.frame->height, "pixels");
        out.add("B: pixel format", Table::Cell{other.frame->pixelFormat});
    }
}

} // namespace

std::string runName(const trace::RunKey& run) {
    return run == trace::kMainRun        ? "prediction"
           : run == trace::kTruthRun     ? "truth"
           : run == trace::kFullDepthRun ? "full depth"
           : run == trace::kVanillaRun   ? "DiT"
                                         : run;
}

std::string tagOf(const trace::ClipView& clip, const char* letter, const scene::TextService& text) {
    return clip.run.empty() ? letter : text.translate(runName(clip.run).c_str());
}

std::string besideText(const trace::ClipView& clip, const scene::TextService& text) {
    const trace::ClipView& other = *clip.other;
    return other.run.empty() ? fill(text.translate("B: %1"), {other.name})
                             : fill(text.translate("beside: %1"), {tagOf(other, "B", text)});
}

bool isGivenFrame(const trace::ClipView& clip, std::int64_t frame) {
    return frame < clip.contextFrames;
}

std::string
partText(const trace::ClipView& clip, std::int64_t frame, const scene::TextService& text) {
    return text.translate(isGivenFrame(clip, frame) ? "given" : "predicted");
}

std::string psnrText(const trace::TraceView& view, const scene::TextService& text) {
    const trace::RunView* run = view.clip != nullptr ? runOf(view, *view.clip) : nullptr;
    const trace::ClipContent* content = run != nullptr ? run->latest->clip() : nullptr;
    if (content == nullptr || !std::isfinite(content->psnr)) {
        return {};
    }
    const std::string psnr = text.number(content->psnr, 1);
    return std::isfinite(content->psnrCopyLast)
               ? fill(text.translate("PSNR %1 dB, copy-last %2 dB"),
                      {psnr, text.number(content->psnrCopyLast, 1)})
               : fill(text.translate("PSNR %1 dB"), {psnr});
}

std::string rateText(const trace::ClipView& clip, const scene::TextService& text) {
    if (clip.variableRate || clip.frameRate.under <= 0) {
        return text.translate("variable rate");
    }
    const double rate = static_cast<double>(clip.frameRate.over) / clip.frameRate.under;
    const bool isWhole = std::abs(rate - std::round(rate)) < 1e-6;
    return fill(text.translate("%1 fps"), {text.number(rate, isWhole ? 0 : 2)});
}

std::string timecodeText(const trace::ClipView& clip) {
    return trace::timecode(clip, clip.frame->number, clip.frame->seconds);
}

std::string waitText(const trace::ClipView& clip, const scene::TextService& text) {
    if (clip.indexing) {
        return fill(text.translate("finding the frames, %1"),
                    {scene::formatPercent(text, *clip.indexing)});
    }
    if (clip.frame && !clip.exact) {
        return fill(text.translate("key frame %1 until frame %2 is decoded"),
                    {whole(text, clip.frame->number), whole(text, clip.target)});
    }
    return {};
}

std::string pixelText(const trace::TraceView& view,
                      const VideoLayout::Under& under,
                      const std::optional<PatchUnder>& patch,
                      const scene::TextService& text) {
    if (view.clip == nullptr || !view.clip->frame) {
        return {};
    }
    const trace::ClipView& clip = *view.clip;
    const std::string ofPatch =
        patch ? '\n' + patchText(*patch->run, patch->grid, patch->place, text) : std::string();
    const trace::ClipView* other = clip.other && clip.other->frame ? clip.other.get() : nullptr;
    if (!other) {
        return under.a ? pixelPlaceText(*under.a, text) + valuesOf(clip, *under.a, "\n", text) +
                             '\n' + frameText(clip, text) + ofPatch
                       : std::string();
    }
    std::string tip;
    if (under.a) {
        tip = tagOf(clip, "A", text) + "  " + pixelPlaceText(*under.a, text) +
              valuesOf(clip, *under.a, "\n    ", text);
    }
    if (under.b) {
        tip += (tip.empty() ? "" : "\n") + tagOf(*other, "B", text) + "  " +
               pixelPlaceText(*under.b, text) + valuesOf(*other, *under.b, "\n    ", text);
    }
    if (tip.empty()) {
        return tip;
    }
    if (under.a && under.b) {
        tip += differenceText(clip, *under.a, *other, *under.b, text);
    }
    return tip + '\n' + frameText(clip, text) + ofPatch;
}

std::string comparisonTrouble(const trace::ClipView& clip,
                              const ViewState& state,
                              const scene::TextService& text) {
    const trace::ClipView& other = *clip.other;
    const std::string name = tagOf(other, "B", text);
    if (other.indexing) {
        return fill(text.translate("B: finding the frames, %1"),
                    {scene::formatPercent(text, *other.indexing)});
    }
    if (!other.error.empty()) {
        return fill(text.translate("B: %1"), {other.error});
    }
    if (clip.frame && clip.frame->number >= other.frameCount) {
        return fill(text.translate("%1 ends with frame %2"),
                    {name, whole(text, other.frameCount - 1)});
    }
    if (clip.frame && other.frame &&
        (clip.frame->width != other.frame->width || clip.frame->height != other.frame->height)) {
        const std::string size =
            fill(text.translate("%1 is %2 x %3"),
                 {name, whole(text, other.frame->width), whole(text, other.frame->height)});
        return state.comparison == Comparison::Difference
                   ? fill(text.translate("%1: no difference"), {size})
                   : size;
    }
    return other.frameCount == clip.frameCount
               ? std::string()
               : fill(text.translate("%1 has %2 frames"), {name, whole(text, other.frameCount)});
}

std::string videoSummary(const trace::ClipView& clip, const scene::TextService& text) {
    if (!clip.frame || clip.frameCount == 0) {
        return clip.error.empty() ? waitText(clip, text) : clip.error + ' ' + clip.hint;
    }
    return fill(text.translate("%1: frame %2 of 0 to %3, %4, %5 x %6 pixels."),
                {tagOf(clip, clip.name.c_str(), text), whole(text, clip.frame->number),
                 whole(text, clip.frameCount - 1), timecodeText(clip),
                 whole(text, clip.frame->width), whole(text, clip.frame->height)});
}

Table videoTable(const trace::TraceView& view, const scene::TextService& text) {
    TableWriter out(text);
    const trace::ClipView* clip = view.clip;
    if (clip == nullptr) {
        return out.table;
    }
    if (!clip->run.empty()) {
        out.add("name", Table::Cell{tagOf(*clip, "A", text)});
    }
    out.add("file", Table::Cell{clip->file});
    if (!clip->error.empty()) {
        out.add("error", Table::Cell{clip->error});
    }
    if (clip->frameCount == 0) {
        return out.table;
    }
    out.add("container", Table::Cell{clip->container});
    out.add("codec", Table::Cell{clip->codec});
    out.add("sound", Table::Cell{clip->sound.empty() ? text.translate("none")
                                 : clip->hasSoundDevice
                                     ? clip->sound
                                     : fill(text.translate("%1; no sound device"), {clip->sound})});
    out.add("frames", clip->frameCount);
    out.add("duration", Table::Cell{clip->duration}, "s");
    out.add("frame rate", Table::Cell{rateText(*clip, text)});
    out.add("turned clockwise", clip->rotation, "degrees");
    out.add("sample aspect", Table::Cell{ratio(clip->sampleAspect, ":")});
    out.add("damaged frames", clip->damaged ? std::ssize(*clip->damaged) : 0);
    if (clip->frame) {
        addFrame(out, *clip);
    }
    if (!clip->run.empty()) {
        addRun(out, view, text);
    }
    out.add("first frame that plays", clip->played().first);
    out.add("last frame that plays", clip->played().last);
    out.add("speed", Table::Cell{clip->speed}, "x");
    out.add("missed while playing", clip->missed, "frames");
    if (clip->other) {
        addOther(out, *clip->other);
    }
    return out.table;
}

} // namespace depthscope::instruments
