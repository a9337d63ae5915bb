"""The addresses of accounts."""

from django.urls import path

from storefront.accounts.views import SignIn, SignOut, SignUp, enter_by_link

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-up/", SignUp.as_view(), name="sign-up"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("enter/<str:token>/", enter_by_link, name="enter"),
]
