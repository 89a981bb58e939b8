"""Behind the scores: calibration, label noise, sessions, speakers, regression, learning curve; what they say."""
