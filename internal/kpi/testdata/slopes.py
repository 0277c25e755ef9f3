# Prints figures for slopes.csv: the Theil-Sen slope, its intercept ("joint": the median of y - slope x) and Spearman's rho.
import collections, csv
from scipy import stats

sets = collections.OrderedDict()
for row in csv.DictReader(open("published.csv")):
    x, y = sets.setdefault(row["set"], ([], []))
    x.append(float(row["x"]))
    y.append(float(row["y"]))
print("set,slope,intercept,rho")
for name, (x, y) in sets.items():
    line = stats.theilslopes(y, x, method="joint")
    print("%s,%.15g,%.15g,%.15g" % (name, line.slope, line.intercept, stats.spearmanr(x, y)[0]))
