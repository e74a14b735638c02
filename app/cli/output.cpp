// SPDX-License-Identifier: MIT
#include "app/cli/output.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace depthscope::cli {

using nlohmann::json;

json finiteOrNull(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}

json modelJson(const spec::ModelInfo& info) {
    return {{"name", info.name}, {"family", info.family}, {"parameters", info.parameters}};
}

json partsJson(const std::vector<spec::ParameterPart>& parts) {
    json out = json::array();
    for (const spec::ParameterPart& part : parts) {
        out.push_back(
            {{"name", part.name}, {"parameters", part.count}, {"shared_by", part.sharedBy}});
    }
    return out;
}

namespace {

json scoresJson(const trace::StepTrace& step) {
    json rows = json::array();
    const bool hasRouter = step.model->router != spec::RouterKind::None;
    for (std::size_t r = 0; hasRouter && r < static_cast<std::size_t>(step.routing.recursions);
         ++r) {
        json row = json::array();
        for (std::size_t t = 0; t < step.routing.places(); ++t) {
            row.push_back(finiteOrNull(step.routing.scores[r * step.routing.places() + t]));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// Of a looped model, [T][recursions].
json exitsJson(const trace::StepTrace& step) {
    const std::size_t places = step.routing.places();
    json rows = json::array();
    for (std::size_t t = 0; t < places; ++t) {
        json row = json::array();
        for (std::size_t at = t; at < step.routing.scores.size(); at += places) {
            if (!std::isnan(step.routing.scores[at])) { // one that did not run
                row.push_back(step.routing.scores[at]);
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json expertsJson(const trace::StepTrace& step) {
    json layers = json::array();
    for (const trace::ExpertChoices& choices : step.routing.experts) {
        json index = json::array();
        json weight = json::array();
        for (std::size_t t = 0; t < choices.places(); ++t) {
            json weightRow = json::array();
            for (const float share : choices.weightOf(t)) {
                weightRow.push_back(finiteOrNull(share));
            }
            index.push_back(choices.indexOf(t));
            weight.push_back(std::move(weightRow));
        }
        layers.push_back(
            {{"layer", choices.layer}, {"index", std::move(index)}, {"weight", std::move(weight)}});
    }
    return layers;
}

json logitsJson(const trace::TextContent& text) {
    json rows = json::array();
    const std::size_t tokens = text.ids.size();
    const std::size_t vocabulary = tokens > 0 ? text.logits.size() / tokens : 0;
    for (std::size_t t = 0; t < tokens; ++t) {
        json row = json::array();
        for (std::size_t v = 0; v < vocabulary; ++v) {
            row.push_back(finiteOrNull(text.logits[t * vocabulary + v]));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

double meanNll(const trace::TextContent& text) {
    double sum = 0;
    for (std::size_t t = 1; t < text.nll.size(); ++t) {
        sum += text.nll[t];
    }
    return text.nll.size() > 1 ? sum / static_cast<double>(text.nll.size() - 1) : std::nan("");
}

} // namespace

json passJson(const trace::StepTrace& step, bool logits, bool losses) {
    const trace::TextContent none;
    const trace::TextContent& text = step.text() != nullptr ? *step.text() : none;
    const trace::RoutingStep& routing = step.routing;
    json out;
    out["model"] = modelJson(*step.model);
    out["routing"] = settings::toString(step.settings.rule);
    out["capacity"] = settings::toString(step.settings.capacity);
    out["causal"] = step.causal;
    out["off_distribution"] = step.offDistribution;
    out["tokens"] = text.ids;
    out["depth"] = routing.depth;
    out["scores"] = scoresJson(step);
    if (step.model->router == spec::RouterKind::Exit) {
        out["exit_probability"] = exitsJson(step);
    }
    if (step.model->router == spec::RouterKind::Change) {
        const settings::RoutingSettings& routed = step.settings;
        out["initial_state"] = routed.zeroState ? "zero" : "seed";
        out["change"] = settings::watchesChange(routed.rule) ? json(routed.change) : json(nullptr);
    }
    out["experts"] = expertsJson(step);
    out["nll"] = finiteOrNull(meanNll(text));
    if (!step.notice.empty()) {
        out["notice"] = step.notice;
    }
    if (text.pieceEnds.empty()) {
        out["text"] = nullptr;
    } else {
        out["text"] =
            json::parse(json(text.text).dump(-1, ' ', false, json::error_handler_t::replace));
    }
    if (logits) {
        out["logits"] = logitsJson(text);
    }
    if (losses) {
        out["losses"] = {{"lm", text.loss},
                         {"aux", routing.losses.aux},
                         {"balance", routing.losses.balance},
                         {"z", routing.losses.z}};
    }
    out["cost"] = {{"flops", routing.cost.flops},
                   {"full_flops", routing.cost.fullFlops},
                   {"kv_bytes", routing.kv.measuredBytes},
                   {"full_kv_bytes", routing.kv.fullBytes},
                   {"milliseconds", routing.cost.milliseconds}};
    return out;
}

void printJson(const json& value) {
    std::cout << value.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

std::string printable(const std::string& text) {
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) {
            char code[5];
            std::snprintf(code, sizeof code, "\\x%02X", static_cast<unsigned>(byte));
            shown += code;
        } else {
            shown += c;
        }
    }
    return shown;
}

void printLine(const std::string& line) {
    std::cout << line << '\n';
}

void printParts(const std::vector<spec::ParameterPart>& parts) {
    for (const spec::ParameterPart& part : parts) {
        printLine(part.sharedBy.empty() ? fmt::format("  {}: {}", part.name, part.count)
                                        : fmt::format("  {}: {} (shared by {})", part.name,
                                                      part.count, part.sharedBy));
    }
}

void finishOutput() {
    std::cout.flush();
    if (!std::cout || std::fflush(stdout) != 0) {
        throw Error(ErrorCode::OutOfMemory, "the output could not be written",
                    "Free some space, or write it elsewhere.");
    }
}

void printStatus(const std::string& line) {
    std::cerr << line << '\n';
}

namespace {

std::string scaled(double value, double base, const std::array<const char*, 5>& units) {
    std::size_t unit = 0;
    while (std::abs(value) >= base && unit + 1 < units.size()) {
        value /= base;
        ++unit;
    }
    std::array<char, 64> text{};
    const int decimals =
        unit == 0 ? 0 : (std::abs(value) < 10 ? 2 : (std::abs(value) < 100 ? 1 : 0));
    std::snprintf(text.data(), text.size(), "%.*f%s%s", decimals, value,
                  units[unit][0] != '\0' ? " " : "", units[unit]);
    return text.data();
}

} // namespace

std::string oneDecimal(double number) {
    char text[40];
    std::snprintf(text, sizeof text, "%.1f", number);
    return text;
}

std::string humanCount(double count) {
    return scaled(count, 1000.0, {"", "k", "M", "G", "T"});
}

std::string humanBytes(double bytes) {
    return scaled(bytes, 1024.0, {"B", "KiB", "MiB", "GiB", "TiB"});
}

void showProgress(const std::string& command, const runtime::JobProgress& progress) {
    std::string line = fmt::format("{}: {}", command, progress.what);
    if (progress.secondsLeft >= 0) {
        line += fmt::format(", {} left", minutesAndSeconds(progress.secondsLeft));
    }
    printStatus(line);
}

std::string minutesAndSeconds(double seconds) {
    char text[40];
    const auto whole = static_cast<long long>(seconds);
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

} // namespace depthscope::cli
