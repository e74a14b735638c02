// SPDX-License-Identifier: MIT
#include "widgets/instruments/kv_policies.h"

#include "engine/trace/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::instruments {

using settings::KvPolicy;

namespace {

constexpr std::array<KvPolicy, 4> kPolicies{KvPolicy::Recursion, KvPolicy::Hybrid, KvPolicy::Share,
                                            KvPolicy::Last};
/// Names need this many lines of the plot's height, and stay in its right part.
constexpr float kLabelLines = 4;
constexpr float kLabelFrom = 0.3F;

std::string labelOf(const PolicyCurve& curve, const scene::TextService& text) {
    std::string label;
    for (const KvPolicy policy : curve.policies) {
        label += (label.empty() ? "" : ", ") + policyName(policy, text);
    }
    return label;
}

float yOf(const PolicyPlot& plot, double bytes) {
    return plot.plot.bottom() - static_cast<float>(bytes / plot.mostBytes) * plot.plot.height;
}

/// Bytes at a token place, between the edges as the line goes.
double bytesAt(const PolicyCurve& curve, double place) {
    const double last = static_cast<double>(curve.sums.size()) - 1;
    const double at = std::clamp(place, 0.0, last);
    const auto before = static_cast<std::size_t>(at);
    const std::size_t after = std::min(before + 1, curve.sums.size() - 1);
    const double share = at - static_cast<double>(before);
    return static_cast<double>(curve.sums[before]) * (1 - share) +
           static_cast<double>(curve.sums[after]) * share;
}

void drawCurve(SceneWriter& writer,
               const PolicyCurve& curve,
               const PolicyPlot& plot,
               scene::Color color) {
    std::vector<scene::Point> points;
    for (const std::size_t edge : plot.edges) {
        points.push_back({plot.axis.x(static_cast<double>(edge)),
                          yOf(plot, static_cast<double>(curve.sums[edge]))});
    }
    writer.out.polyline(std::move(points), color, writer.px(curve.inForce ? 2 : 1));
}

} // namespace

std::string policyName(KvPolicy policy, const scene::TextService& text) {
    switch (policy) {
    case KvPolicy::Share:
        return text.translate("recursive sharing");
    case KvPolicy::Hybrid:
        return text.translate("hybrid");
    case KvPolicy::Latest:
        return text.translate("latest of who stopped");
    case KvPolicy::Skip:
        return text.translate("without who stopped");
    case KvPolicy::Last:
        return text.translate("last recursion");
    case KvPolicy::Compress:
        return text.translate("last recursions");
    case KvPolicy::Recursion:
    case KvPolicy::Model:
        break;
    }
    return text.translate("recursion-wise");
}

std::vector<PolicyCurve> policyCurves(const trace::RunView& run) {
    std::vector<PolicyCurve> curves;
    const auto& groups = run.latest->routing.kv.groups;
    const bool recursive = std::any_of(groups.begin(), groups.end(), [](const trace::KvGroup& g) {
        return g.recursion == 1 && g.bytesPerToken > 0;
    });
    if (run.recursions() < 2 || !recursive) {
        return curves;
    }
    const KvPolicy inForce = trace::kvPolicyInForce(run);
    const std::vector<KvPolicy>& possible = run.latest->model->kvPolicies;
    for (const KvPolicy policy : kPolicies) {
        if (!possible.empty() && std::ranges::find(possible, policy) == possible.end()) {
            continue;
        }
        PolicyCurve curve{{policy}, {0}, policy == inForce};
        for (std::size_t t = 0; t < run.places(); ++t) {
            curve.sums.push_back(curve.sums.back() + trace::policyBytes(run, policy, t));
        }
        const auto same = std::find_if(curves.begin(), curves.end(),
                                       [&](const PolicyCurve& c) { return c.sums == curve.sums; });
        if (same == curves.end()) {
            curves.push_back(std::move(curve));
        } else {
            same->policies.push_back(policy);
            same->inForce = same->inForce || curve.inForce;
        }
    }
    std::stable_sort(curves.begin(), curves.end(), [](const PolicyCurve& a, const PolicyCurve& b) {
        return a.sums.back() > b.sums.back();
    });
    return curves;
}

std::string policyTip(const std::vector<PolicyCurve>& curves,
                      std::size_t token,
                      const scene::TextService& text) {
    std::string lines;
    for (const PolicyCurve& curve : curves) {
        for (const KvPolicy policy : curve.policies) {
            lines +=
                '\n' + fill(text.translate("%1: %2 up to here"),
                            {policyName(policy, text),
                             scene::formatBytes(text, static_cast<double>(curve.sums[token + 1]))});
        }
    }
    return lines;
}

void addPolicyColumns(Table& table,
                      const std::vector<PolicyCurve>& curves,
                      const scene::TextService& text) {
    for (const PolicyCurve& curve : curves) {
        for (const KvPolicy policy : curve.policies) {
            table.columns.push_back({policyName(policy, text), text.translate("bytes")});
        }
    }
}

void addPolicyCells(std::vector<Table::Cell>& row,
                    const std::vector<PolicyCurve>& curves,
                    std::size_t token) {
    for (const PolicyCurve& curve : curves) {
        row.resize(row.size() + curve.policies.size(),
                   Table::Cell{static_cast<double>(curve.sums[token + 1])});
    }
}

void drawPolicies(SceneWriter& writer,
                  const std::vector<PolicyCurve>& curves,
                  const PolicyPlot& plot) {
    const auto strong = std::find_if(curves.begin(), curves.end(),
                                     [](const PolicyCurve& curve) { return curve.inForce; });
    for (const PolicyCurve& curve : curves) {
        // Below the one in force lie its dark bands, above it the bare surface.
        const bool overBands = strong != curves.end() && curve.sums.back() < strong->sums.back();
        drawCurve(writer, curve, plot,
                  curve.inForce ? writer.theme.text
                                : (overBands ? writer.theme.surface : writer.theme.muted));
    }
    const float line = writer.line(writer.small());
    if (plot.plot.height < kLabelLines * line) {
        return;
    }
    // Side by side from the right, so that no name covers another's line.
    float right = plot.plot.right() - writer.theme.grid;
    for (const PolicyCurve& curve : curves) {
        const std::string label = labelOf(curve, writer.service);
        const scene::TextStyle style{scene::FontFamily::Ui, writer.theme.smallSize,
                                     curve.inForce ? scene::FontWeight::Medium
                                                   : scene::FontWeight::Regular};
        const float width = writer.width(label, style) + writer.theme.grid + 1;
        const float x = right - width;
        if (x < plot.plot.x + kLabelFrom * plot.plot.width) {
            return;
        }
        const double place = plot.axis.placeUnder(x + width / 2);
        const float y = std::clamp(yOf(plot, bytesAt(curve, place)) - line / 2, plot.plot.y,
                                   plot.plot.bottom() - line);
        writer.out.fill({x, y, width, line}, writer.theme.surface, writer.px(3));
        writer.label({x + writer.theme.grid / 2, y, width - writer.theme.grid + 1, line}, label,
                     style, writer.theme.text);
        right = x - writer.theme.grid;
    }
}

} // namespace depthscope::instruments
