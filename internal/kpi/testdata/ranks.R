# Prints figures for ranks.csv: Spearman's rho, and Kendall's z with the correction for continuity, which for values over
# distinct times is the statistic of Mann and Kendall.
all <- read.csv("published.csv")
cat("set,rho,z\n")
for (name in unique(all$set)) {
  s <- all[all$set == name, ]
  z <- NA
  if (!any(duplicated(s$x)))
    z <- cor.test(s$x, s$y, method = "kendall", exact = FALSE, continuity = TRUE)$statistic
  cat(sprintf("%s,%.15g,%.15g\n", name, cor(s$x, s$y, method = "spearman"), z))
}
