# Writes published.csv from R's own datasets package, and the example of Sen (1968).
row <- function(set, x, y) {
  known <- !is.na(x) & !is.na(y)
  data.frame(set = set, x = x[known], y = y[known])
}
all <- rbind(
  row("women", women$height, women$weight),
  row("cars", cars$speed, cars$dist),
  row("mtcars", mtcars$wt, mtcars$mpg),
  row("longley", longley$Year, longley$Employed),
  row("airquality", seq_along(airquality$Ozone), airquality$Ozone),
  row("nile", as.numeric(time(Nile)), as.numeric(Nile)),
  row("anscombe 1", anscombe$x1, anscombe$y1),
  row("anscombe 2", anscombe$x2, anscombe$y2),
  row("anscombe 3", anscombe$x3, anscombe$y3),
  row("anscombe 4", anscombe$x4, anscombe$y4),
  row("sen 1968", c(1, 2, 3, 4, 10, 12, 18), c(9, 15, 19, 20, 45, 55, 78)))
write.csv(all, "published.csv", row.names = FALSE, quote = FALSE)
