// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_facts.h"

#include "widgets/instruments/scene_writer.h"

#include <cmath>

namespace depthscope::instruments {

namespace {

std::string whole(const scene::TextService& text, std::int64_t number) {
    return text.number(static_cast<double>(number), 0);
}

std::string ratio(trace::Ratio value, const char* between) {
    return std::to_string(value.over) + between + std::to_string(value.under);
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

} // namespace

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

std::string
pixelText(const trace::ClipView& clip, PixelPlace pixel, const scene::TextService& text) {
    std::string tip = fill(text.translate("column %1, row %2"),
                           {whole(text, pixel.column), whole(text, pixel.row)});
    const auto at = static_cast<std::size_t>((pixel.row * clip.picture->width + pixel.column) * 3);
    if (at + 2 < clip.picture->bytes.size()) {
        const std::uint8_t* rgb = clip.picture->bytes.data() + at;
        tip +=
            '\n' + fill(text.translate("R %1  G %2  B %3"),
                        {std::to_string(rgb[0]), std::to_string(rgb[1]), std::to_string(rgb[2])});
    }
    std::string native;
    for (const trace::PixelComponent& component : clip.components) {
        if (const auto value = trace::valueAt(*clip.frame, component, pixel.column, pixel.row)) {
            native += native.empty() ? "" : "  ";
            native += std::string(component.name) + ' ' + std::to_string(*value);
        }
    }
    if (!native.empty()) {
        tip += '\n' + native + "  " + clip.frame->pixelFormat;
    }
    return tip + '\n' +
           fill(text.translate("frame %1, as decoded"), {whole(text, clip.frame->number)});
}

std::string videoSummary(const trace::ClipView& clip, const scene::TextService& text) {
    if (!clip.frame) {
        return clip.error.empty() ? waitText(clip, text) : clip.error + ' ' + clip.hint;
    }
    return fill(text.translate("%1: frame %2 of 0 to %3, %4, %5 x %6 pixels."),
                {clip.name, whole(text, clip.frame->number), whole(text, clip.frameCount - 1),
                 timecodeText(clip), whole(text, clip.frame->width),
                 whole(text, clip.frame->height)});
}

Table videoTable(const trace::ClipView* clip, const scene::TextService& text) {
    TableWriter out(text);
    if (clip == nullptr) {
        return out.table;
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
    out.add("frames", clip->frameCount);
    out.add("duration", Table::Cell{clip->duration}, "s");
    out.add("frame rate", Table::Cell{rateText(*clip, text)});
    out.add("turned clockwise", clip->rotation, "degrees");
    out.add("sample aspect", Table::Cell{ratio(clip->sampleAspect, ":")});
    out.add("damaged frames", clip->damaged ? std::ssize(*clip->damaged) : 0);
    if (clip->frame) {
        addFrame(out, *clip);
    }
    out.add("first frame that plays", clip->played().first);
    out.add("last frame that plays", clip->played().last);
    out.add("speed", Table::Cell{clip->speed}, "x");
    out.add("missed while playing", clip->missed, "frames");
    return out.table;
}

} // namespace depthscope::instruments
