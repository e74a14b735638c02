// SPDX-License-Identifier: MIT
#include "widgets/panels/free_folder.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>

namespace depthscope::panels {

QString nextFreeFolder(const QString& taken) {
    static const QRegularExpression numbered(QStringLiteral("^(.*[^/-])-([1-9][0-9]{0,3})$"));
    QString name = QDir::cleanPath(taken);
    int number = 1;
    if (const QRegularExpressionMatch match = numbered.match(name); match.hasMatch()) {
        name = match.captured(1);
        number = match.captured(2).toInt();
    }
    QString next;
    do {
        next = QStringLiteral("%1-%2").arg(name).arg(++number);
    } while (QFileInfo::exists(next));
    return next;
}

} // namespace depthscope::panels
