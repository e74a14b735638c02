// SPDX-License-Identifier: MIT
#include "widgets/panels/state_json.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/saved_figures.h"
#include "widgets/panels/prompt_text.h"

#include <QJsonArray>
#include <QString>
#include <cmath>
#include <type_traits>

namespace depthscope::panels {

namespace {

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QJsonValue valueOf(settings::Rule rule) {
    return qt(settings::toString(rule));
}

QJsonValue valueOf(settings::KvPolicy policy) {
    return qt(settings::toString(policy));
}

QJsonValue valueOf(settings::Exits exits) {
    return qt(settings::toString(exits));
}

QJsonValue valueOf(const std::vector<Fraction>& capacity) {
    return qt(settings::toString(capacity));
}

QJsonValue valueOf(const std::string& text) {
    return qt(text);
}

QJsonValue valueOf(bool value) {
    return value;
}

template <class Number>

requires std::is_arithmetic_v<Number> QJsonValue valueOf(Number value) {
    return static_cast<double>(value);
}

/// NaN (not known, not considered) is null.
QJsonValue numberOrNull(double value) {
    return std::isnan(value) ? QJsonValue() : QJsonValue(value);
}

template <class Values>
QJsonArray arrayOf(const Values& values) {
    QJsonArray array;
    for (const auto& value : values) {
        array.append(numberOrNull(static_cast<double>(value)));
    }
    return array;
}

QJsonObject costJson(const trace::RunView& run) {
    const trace::StepCost cost = run.totalCost();
    const trace::KvMemory& kv = run.latest->routing.kv;
    return {{QStringLiteral("flops"), cost.flops},
            {QStringLiteral("full_flops"), cost.fullFlops},
            {QStringLiteral("kv_bytes"), static_cast<double>(kv.measuredBytes)},
            {QStringLiteral("full_kv_bytes"), static_cast<double>(kv.fullBytes)},
            {QStringLiteral("milliseconds"), cost.milliseconds}};
}

/// As SAVED shows it; null: there is none, or it is being timed.
QJsonValue timeJson(const trace::TraceView& view) {
    const auto time = trace::isClip(*view.main) ? std::nullopt : instruments::timeFigure(view);
    if (!time) {
        return {};
    }
    return QJsonObject{{QStringLiteral("percent"), numberOrNull(time->percent)},
                       {QStringLiteral("spread"), numberOrNull(time->spread)},
                       {QStringLiteral("milliseconds"), numberOrNull(time->own)},
                       {QStringLiteral("full_milliseconds"), numberOrNull(time->full)},
                       {QStringLiteral("rounds"), time->rounds},
                       {QStringLiteral("before_this_change"), time->isOld}};
}

template <class Settings>
QJsonObject visited(const Settings& settings) {
    QJsonObject object;
    Settings::visit(settings, [&](const settings::FieldInfo& field, const auto& value) {
        object.insert(QString::fromLatin1(field.name), valueOf(value));
    });
    return object;
}

QJsonObject runJson(const trace::RunView& run) {
    QJsonObject object;
    if (run.latest->model) {
        object.insert(QStringLiteral("model"),
                      QJsonObject{{QStringLiteral("name"), qt(run.latest->model->name)},
                                  {QStringLiteral("family"), qt(run.latest->model->family)},
                                  {QStringLiteral("parameters"),
                                   static_cast<double>(run.latest->model->parameters)}});
    }
    object.insert(QStringLiteral("routing"), valueOf(run.latest->settings.rule));
    object.insert(QStringLiteral("causal"), run.latest->causal);
    object.insert(QStringLiteral("off_distribution"), run.latest->offDistribution);
    object.insert(QStringLiteral("tokens"), arrayOf(run.ids));
    object.insert(QStringLiteral("depth"), arrayOf(run.depth));
    QJsonArray scores;
    for (const std::vector<float>& row : run.scores) {
        scores.append(arrayOf(row));
    }
    object.insert(QStringLiteral("scores"), scores);
    object.insert(QStringLiteral("nll"), numberOrNull(run.meanNll()));
    object.insert(QStringLiteral("cost"), costJson(run));
    return object;
}

} // namespace

QJsonObject settingsJson(const settings::LabSettings& settings) {
    return visited(settings);
}

QJsonObject recipeJson(const trace::RunView& run) {
    QJsonObject object = visited(run.latest->settings);
    if (run.latest->model) {
        object.insert(QStringLiteral("model"), qt(run.latest->model->name));
    }
    object.insert(QStringLiteral("ids"), arrayOf(run.ids));
    return object;
}

QJsonObject clipJson(const trace::ClipView& clip) {
    QJsonObject object{{QStringLiteral("file"), qt(clip.file)},
                       {QStringLiteral("run"), qt(clip.run)},
                       {QStringLiteral("beside"), qt(clip.other ? clip.other->run : "")},
                       {QStringLiteral("context_frames"), clip.contextFrames},
                       {QStringLiteral("frame_count"), static_cast<double>(clip.frameCount)},
                       {QStringLiteral("codec"), qt(clip.codec)},
                       {QStringLiteral("speed"), clip.speed},
                       {QStringLiteral("playing"), clip.playing},
                       {QStringLiteral("looping"), clip.looping},
                       {QStringLiteral("first"), static_cast<double>(clip.played().first)},
                       {QStringLiteral("last"), static_cast<double>(clip.played().last)},
                       {QStringLiteral("shown"), static_cast<double>(clip.shown)},
                       {QStringLiteral("missed"), static_cast<double>(clip.missed)},
                       {QStringLiteral("error"), qt(clip.error)}};
    if (clip.frame) {
        const trace::Frame& frame = *clip.frame;
        object.insert(QStringLiteral("frame"), static_cast<double>(frame.number));
        object.insert(QStringLiteral("pts"), static_cast<double>(frame.pts));
        object.insert(QStringLiteral("seconds"), frame.seconds);
        object.insert(QStringLiteral("timecode"),
                      qt(trace::timecode(clip, frame.number, frame.seconds)));
        object.insert(QStringLiteral("key"), frame.key);
        object.insert(QStringLiteral("damaged"), frame.damaged);
        object.insert(QStringLiteral("exact"), clip.exact);
    }
    return object;
}

QJsonObject stateJson(const trace::TraceView& view, const settings::LabSettings& settings) {
    QJsonObject object;
    if (view.main) {
        object = runJson(*view.main);
        std::string bytes; // a character may be spread over pieces
        for (const std::string& piece : view.main->pieces) {
            bytes += piece;
        }
        object.insert(QStringLiteral("text"), withMark(bytes));
        object.insert(QStringLiteral("prompt_tokens"),
                      static_cast<double>(view.main->promptPlaces));
        object.insert(QStringLiteral("revision"), static_cast<double>(view.main->latest->revision));
        object.insert(QStringLiteral("notice"), qt(view.main->latest->notice));
        object.insert(QStringLiteral("time"), timeJson(view));
    }
    object.insert(QStringLiteral("source"), view.source == trace::Source::Live
                                                ? QStringLiteral("live")
                                                : QStringLiteral("recorded"));
    object.insert(QStringLiteral("settings"), settingsJson(settings));
    if (view.clip != nullptr) {
        object.insert(QStringLiteral("clip"), clipJson(*view.clip));
    }
    if (view.other(trace::kFullDepthRun)) {
        object.insert(QStringLiteral("full_depth"), runJson(*view.other(trace::kFullDepthRun)));
    }
    if (view.other(trace::kVanillaRun)) {
        object.insert(QStringLiteral("vanilla"), runJson(*view.other(trace::kVanillaRun)));
    }
    return object;
}

} // namespace depthscope::panels
