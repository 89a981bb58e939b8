"""Behind the scores: calibration, label noise, sessions, speakers, regression, learning curve, and findings on them."""
