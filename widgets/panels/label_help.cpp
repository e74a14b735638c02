// SPDX-License-Identifier: MIT
#include "widgets/panels/label_help.h"

#include "widgets/instruments/glossary.h"

#include <QApplication>
#include <QCoreApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QStringList>
#include <QToolTip>
#include <algorithm>
#include <string_view>
#include <utility>

namespace depthscope::panels {

namespace {

/// The word of the glossary that a field is about, by the field's name.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"routing", "rule"},
    {"capacity", "capacity"},
    {"tau", "tau, threshold"},
    {"fixed-depth", "depth"},
    {"max-depth", "depth cap"},
    {"kv", "KV policy"},
    {"experts", "expert"},
    {"tokens", "token"},
    {"temperature", "temperature"},
    {"top-k", "top-k sampling"},
    {"top-p", "top-p sampling"},
    {"seed", "seed"},
    {"noise-seed", "seed"},
    {"clip-seed", "seed"},
    {"clips", "clip"},
    {"denoising-steps", "denoising step"},
    {"train.preset", "recipe"},
    {"train.steps", "step (training step)"},
    {"measure.depth", "depth"},
    {"graded.seed", "seed"},
    {"new-clip.seed", "seed"},
};

QString qt(std::string_view text) {
    return QCoreApplication::translate("glossary", text.data());
}

const instruments::Term* termOf(const QString& field) {
    if (field.startsWith(QLatin1String("capacity."))) {
        return instruments::findTerm("recursion");
    }
    const std::string name = field.toStdString();
    const auto* at = std::ranges::find(kWords, std::string_view(name),
                                       &std::pair<std::string_view, std::string_view>::first);
    return at == std::end(kWords) ? nullptr : instruments::findTerm(at->second);
}

} // namespace

QString explanationOf(const QLabel& label) {
    const QWidget* field = label.buddy();
    if (field == nullptr) {
        return {};
    }
    QStringList parts;
    if (const instruments::Term* term = termOf(field->objectName())) {
        parts << QStringLiteral("<b>%1</b>: %2")
                     .arg(qt(term->word).toHtmlEscaped(), qt(term->meaning).toHtmlEscaped());
    }
    if (!field->toolTip().isEmpty()) {
        parts << field->toolTip().toHtmlEscaped();
    }
    if (parts.isEmpty()) {
        parts << field->accessibleName().toHtmlEscaped();
    }
    return QStringLiteral("<p>%1</p>").arg(parts.join(QLatin1String("</p><p>")));
}

LabelHelp::LabelHelp(QObject* parent)
    : QObject(parent) {
    qApp->installEventFilter(this);
}

bool LabelHelp::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        auto* label = qobject_cast<QLabel*>(watched);
        const QString text =
            label && label->toolTip().isEmpty() ? explanationOf(*label) : QString();
        if (!text.isEmpty()) {
            QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text, label);
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

} // namespace depthscope::panels
